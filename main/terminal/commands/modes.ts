import { Argument, type Command, Option } from 'commander'
import type { Handlers } from '../../../contract/api'
import type { CommandInput } from '../../../contract/commands'
import type { Failure } from '../../../contract/failure'
import type { JobView } from '../../../contract/job'
import type { ModeName, ModeView, Reach } from '../../../contract/mode'
import { modeWords, overriddenWords } from '../../../core/modes/mode-words'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { exitStatus } from '../io'
import { endWith, runJob } from '../run-job'
import { failureJson } from '../text/failure-text'

interface Options {
  readonly everyone?: boolean
  readonly wherever?: boolean
  readonly json?: boolean
}

/** `millwright remote-only` and `local-only`. */
export function modeCommands(program: Command, terminal: Terminal): void {
  const withSwitch = (mode: ModeName, description: string) =>
    program
      .command(mode)
      .description(description)
      .addArgument(new Argument('<on|off>').choices(['on', 'off']))
      .option('--json', 'print one JSON document')
      .action((wanted: string, options: Options) => setMode(terminal, mode, wanted === 'on', options))
  withSwitch('remote-only', 'build nothing on this computer itself')
    .option('--everyone', 'for every user of this computer, not for you alone')
    .addOption(
      new Option('--wherever', 'off: for you and for everyone, wherever it is on').conflicts('everyone'),
    )
  withSwitch('local-only', 'use no builder')
}

async function setMode(terminal: Terminal, mode: ModeName, on: boolean, options: Options): Promise<void> {
  const { io } = terminal
  const { handlers, store } = await terminal.app()
  const scope: Reach = options.everyone ? 'everyone' : options.wherever ? 'wherever' : 'me'
  const outcome = await switchMode(terminal, handlers, { mode, scope, on }, options)
  const { failure } = outcome
  if (failure) {
    if (options.json) io.out(`${JSON.stringify({ ok: false, mode, failure: failureJson(failure) })}\n`)
    return endWith(terminal, outcome)
  }
  const { modes } = store.snapshot()
  const view = mode === 'remote-only' ? modes.remoteOnly : modes.localOnly
  const ok = view.inForce === on
  const { inForce, overriddenBy } = view
  if (options.json) {
    const document = { ok, mode, scope, on, inForce, ...(overriddenBy ? { overriddenBy } : {}) }
    io.out(`${JSON.stringify(document)}\n`)
  } else if (ok) io.out(doneText(mode, scope, on))
  else io.err(`millwright: ${insteadText(mode, scope, view)}\n`)
  terminal.end(ok ? exitStatus.done : exitStatus.failed)
}

/** Done when the reply comes, or a job to be followed to its end. */
async function switchMode(
  terminal: Terminal,
  handlers: Handlers,
  input: CommandInput<'set-mode'>,
  { json }: Options,
): Promise<{ readonly failure?: Failure; readonly job?: JobView }> {
  const reply = await handlers['set-mode'](input)
  if (!reply.ok) return { failure: reply.failure }
  const { jobId } = reply.value
  if (jobId === undefined) return {}
  const started = Promise.resolve({ ok: true as const, value: { jobId } })
  const show = json ? () => undefined : printStep(terminal.io)
  return runJob(terminal, started, { yes: true, trustNewHostKey: false }, show)
}

function doneText(mode: ModeName, scope: Reach, on: boolean): string {
  const { title, sentence } = modeWords(mode)
  const whom = { me: 'for you', everyone: 'for everyone', wherever: 'for you and for everyone' }[scope]
  return on ? `${title}, ${whom}: on. ${sentence}\n` : `${title}, ${whom}: off.\n`
}

/** The switch is as wanted, and Nix does something else. */
function insteadText(mode: ModeName, scope: Reach, view: ModeView): string {
  const whose = scope === 'me' ? 'for everyone' : 'for you'
  return overriddenWords(view) ?? `${modeWords(mode).title} is still on ${whose}.`
}
