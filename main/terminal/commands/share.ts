import { Argument, type Command } from 'commander'
import * as g from '../../../contract/grammar'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { grammar } from '../options'
import { endWith, runJob } from '../run-job'

/** `millwright share`: one connection for all builds on a builder, instead of a login for each. */
export function shareCommands(program: Command, terminal: Terminal): void {
  program
    .command('share')
    .description('let the builds on a builder share one connection, kept only if it works with this Nix')
    .argument('<id>', 'the builder', grammar(g.BuilderId, 'a name of a builder'))
    .addArgument(new Argument('<on|off>').choices(['on', 'off']))
    .action((id: string, wanted: string) => share(terminal, id, wanted === 'on'))
}

async function share(terminal: Terminal, id: string, on: boolean): Promise<void> {
  const { handlers } = await terminal.app()
  const given = { yes: true, trustNewHostKey: false }
  const started = handlers['share-connection']({ id, on })
  const outcome = await runJob(terminal, started, given, printStep(terminal.io))
  if (!('failure' in outcome)) {
    terminal.io.out(
      on ? `Builds on ${id} share one connection.\n` : `Each build on ${id} logs in for itself.\n`,
    )
  }
  endWith(terminal, outcome)
}
