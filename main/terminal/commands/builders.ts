import type { Command } from 'commander'
import { commandInputs } from '../../../contract/commands'
import * as g from '../../../contract/grammar'
import type { BuilderView } from '../../../contract/snapshot'
import { doingWords, offeredWords, untilWords } from '../../../core/status/builder-words'
import { summarise } from '../../../core/status/summary'
import { formatDuration } from '../../../core/text/format'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { exitStatus } from '../io'
import { duration, grammar, type LoginOptions, presetAnswers, withLoginOptions } from '../options'
import { endWith, runJob } from '../run-job'
import { failureJson, failureText } from '../text/failure-text'
import { listJson, testJson } from '../text/json'
import { table } from '../text/table'
import { unmanagedText } from '../text/unmanaged-text'

const nobody = { yes: true, trustNewHostKey: false }

/** `millwright list`, `test`, `remove`, `pause`, `resume`, `accept-host-key`. */
export function builderCommands(program: Command, terminal: Terminal): void {
  const withId = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument('<id>', 'the builder', grammar(g.BuilderId, 'a name of a builder'))

  program
    .command('list')
    .description('the builders, as root’s files have them')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) => list(terminal, options))
  withId('test', 'prove a builder with a real build that only it may take')
    .option('--json', 'print one JSON document')
    .action((id: string, options: { json?: boolean }) => test(terminal, id, options))
  withLoginOptions(withId('remove', 'take a builder out again, here and over there'))
    .option('--local-only', 'leave the other machine as it is; say what to run there')
    .action((id: string, options: LoginOptions & { localOnly?: boolean }) => remove(terminal, id, options))
  withId('pause', 'let no new build onto a builder')
    .option(
      '--for <time>',
      'end it by itself after 15m, 1h, 2d; else when you resume it',
      duration(commandInputs['pause-builder'].entries.forMs, 'a time from 1m to 31d'),
    )
    .action((id: string, options: { for?: number }) => pause(terminal, id, options.for))
  withId('resume', 'let builds onto it again').action((id: string) => resume(terminal, id))
  withId('accept-host-key', 'let a builder whose host key changed out of quarantine')
    .option(
      '--accept-host-key <SHA256:…>',
      'the fingerprint to expect',
      grammar(g.Fingerprint, 'a SHA256 fingerprint'),
    )
    .action((id: string, options: Pick<LoginOptions, 'acceptHostKey'>) =>
      acceptHostKey(terminal, id, options),
    )
}

async function list(terminal: Terminal, { json }: { json?: boolean }): Promise<void> {
  const { store } = await terminal.app()
  const snapshot = store.snapshot()
  if (json) {
    terminal.io.out(`${JSON.stringify(listJson(snapshot))}\n`)
    return terminal.end(listStatus(snapshot.builders))
  }
  terminal.io.out(`${summarise(snapshot.builders)}\n`)
  if (snapshot.builders.length === 0) return terminal.io.out(unmanagedText(snapshot.unmanaged))
  const row = (builder: BuilderView) => [
    builder.id,
    doingWords(builder, Date.now()),
    builder.host,
    builder.systems.join(' '),
    String(builder.maxJobs),
    String(builder.speedFactor),
    builder.supportedFeatures.join(' '),
  ]
  terminal.io.out(
    table(['Builder', 'State', 'Host', 'Systems', 'Jobs', 'Speed', 'Features'], snapshot.builders.map(row)),
  )
  terminal.io.out(belowList(snapshot.builders))
  terminal.io.out(unmanagedText(snapshot.unmanaged))
  terminal.end(listStatus(snapshot.builders))
}

/** What Nix makes of the builders against what their switches say. */
function belowList(builders: readonly BuilderView[]): string {
  const unused = builders.flatMap(({ state, failure }) =>
    state === 'not-used' && failure ? [failureText(failure)] : [],
  )
  const offered = builders.flatMap(({ id, enabled, alsoOffered = [] }) =>
    alsoOffered.length === 0 ? [] : [`${offeredWords(id, enabled, alsoOffered)}\n`],
  )
  // One cause is said once, for however many builders.
  return [...new Set([...unused, ...offered])].map((text) => `\n${text}`).join('')
}

function listStatus(builders: readonly BuilderView[]): number {
  return builders.some(({ state }) => state === 'not-used') ? exitStatus.failed : exitStatus.done
}

async function test(terminal: Terminal, id: string, { json }: { json?: boolean }): Promise<void> {
  const { handlers } = await terminal.app()
  const show = json ? () => undefined : printStep(terminal.io)
  const outcome = await runJob(terminal, handlers['test-builder']({ id }), nobody, show)
  const failure = 'failure' in outcome ? outcome.failure : undefined
  const proof = 'job' in outcome ? outcome.job.proof : undefined
  if (json) {
    const document = failure ? { ok: false, builder: id, failure: failureJson(failure) } : testJson(id, proof)
    terminal.io.out(`${JSON.stringify(document)}\n`)
  } else if (proof && !failure) {
    terminal.io.out(`Built on ${proof.builtOn} in ${formatDuration(proof.durationMs)}.\n`)
  }
  endWith(terminal, outcome)
}

async function remove(
  terminal: Terminal,
  id: string,
  options: LoginOptions & { localOnly?: boolean },
): Promise<void> {
  const { io } = terminal
  const given = await presetAnswers(options, io)
  const localOnly = options.localOnly ?? false
  if (!given.yes) {
    if (!io.interactive) {
      io.err(`millwright: removing ${id} needs your consent: add --yes.\n`)
      return terminal.end(exitStatus.answerNeeded)
    }
    const where = localOnly ? 'on this computer' : 'here and over there'
    const reply = await io.prompt(`Remove ${id} ${where}? [y/N] `, false)
    if (!/^y(es)?$/i.test(reply)) return terminal.end(exitStatus.cancelled)
  }
  const { handlers } = await terminal.app()
  const started = handlers['remove-builder']({ id, localOnly })
  const outcome = await runJob(terminal, started, { ...given, yes: true }, printStep(io))
  endWith(terminal, outcome)
  const isLeft = 'job' in outcome && !outcome.job.failure && outcome.job.leftBehind.length > 0
  if (!isLeft || localOnly) return
  io.err(
    outcome.job.isUnsettled
      ? `To try that again: millwright remove ${id}\n`
      : `${id} is removed. What is left behind is not for Millwright to take back: do there what it says.\n`,
  )
  terminal.end(exitStatus.failed)
}

async function pause(terminal: Terminal, id: string, forMs: number | undefined): Promise<void> {
  const { handlers } = await terminal.app()
  const started = handlers['pause-builder']({ id, ...(forMs === undefined ? {} : { forMs }) })
  const outcome = await runJob(terminal, started, nobody, printStep(terminal.io))
  if (forMs !== undefined && !('failure' in outcome)) {
    const until = untilWords(new Date(Date.now() + forMs).toISOString(), Date.now())
    terminal.io.out(
      `Paused ${until}; after that the running app, or else the next use of Millwright, lets builds onto it again.\n`,
    )
  }
  endWith(terminal, outcome)
}

async function resume(terminal: Terminal, id: string): Promise<void> {
  const { handlers } = await terminal.app()
  endWith(
    terminal,
    await runJob(terminal, handlers['resume-builder']({ id }), nobody, printStep(terminal.io)),
  )
}

async function acceptHostKey(
  terminal: Terminal,
  id: string,
  options: Pick<LoginOptions, 'acceptHostKey'>,
): Promise<void> {
  const { handlers } = await terminal.app()
  const given = await presetAnswers(options, terminal.io)
  const started = handlers['accept-host-key']({ id })
  endWith(terminal, await runJob(terminal, started, given, printStep(terminal.io)))
}
