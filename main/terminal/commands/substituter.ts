import { Argument, type Command } from 'commander'
import * as g from '../../../contract/grammar'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { grammar, type LoginOptions, presetAnswers, withLoginOptions } from '../options'
import { endWith, runJob } from '../run-job'

interface Options extends LoginOptions {
  readonly everyone?: boolean
}

/** `millwright substituter`: copy what a builder has instead of building it again. */
export function substituterCommands(program: Command, terminal: Terminal): void {
  const command = program
    .command('substituter')
    .description('let Nix copy what a builder has built, instead of building it again')
    .argument('<id>', 'the builder', grammar(g.BuilderId, 'a name of a builder'))
    .addArgument(new Argument('<on|off>').choices(['on', 'off']))
    .option('--everyone', 'on: for every user of this computer; off: for nobody, taken back on both sides')
  withLoginOptions(command).action((id: string, wanted: string, options: Options) =>
    switchSubstituter(terminal, id, wanted === 'on', options),
  )
}

async function switchSubstituter(
  terminal: Terminal,
  id: string,
  on: boolean,
  options: Options,
): Promise<void> {
  const { io } = terminal
  const given = await presetAnswers(options, io)
  const { handlers } = await terminal.app()
  const isWithdrawn = !on && options.everyone === true
  const scope = options.everyone ? 'everyone' : 'me'
  const reply = isWithdrawn
    ? await handlers['withdraw-substituter']({ id })
    : await handlers['use-substituter']({ id, scope, on })
  if (!reply.ok) return endWith(terminal, { failure: reply.failure })
  const { jobId } = reply.value
  const outcome =
    jobId === undefined
      ? {}
      : await runJob(terminal, Promise.resolve({ ok: true, value: { jobId } }), given, printStep(io))
  if (!('failure' in outcome)) io.out(doneText(id, on, options.everyone ?? false))
  endWith(terminal, outcome)
}

function doneText(id: string, on: boolean, everyone: boolean): string {
  if (on) return `Nix copies what ${id} has, for ${everyone ? 'everyone' : 'you'}.\n`
  return everyone ? `${id} is no substituter any more.\n` : `${id} is no substituter of yours any more.\n`
}
