import { Command, CommanderError } from 'commander'
import { addCommands } from './commands/add'
import { adoptCommands } from './commands/adopt'
import { autostartCommands } from './commands/autostart'
import { builderCommands } from './commands/builders'
import { buildsCommands } from './commands/builds'
import { collectCommands } from './commands/collect'
import { exportCommands } from './commands/export'
import { fileCommands } from './commands/files'
import { helperCommands } from './commands/helper'
import { importCommands } from './commands/import'
import { modeCommands } from './commands/modes'
import { rotateKeyCommands } from './commands/rotate-key'
import { shareCommands } from './commands/share'
import { statusCommands } from './commands/status'
import { substituterCommands } from './commands/substituter'
import type { Terminal } from './context'
import { exitStatus } from './io'

/** A wrong command line in the words of every other failure; commander begins with `error: ` and ends each in a line. */
function usageText(text: string): string {
  const sentence = text.replace(/^error: /, '').trimEnd()
  const [first = '', ...rest] = sentence
  const stop = /[.?)]$/.test(sentence) ? '' : '.'
  return `millwright: ${first.toUpperCase()}${rest.join('')}${stop}\nNothing was done. Add --help to see what the command takes.\n`
}

/**
 * Runs one command line and returns its exit status. `app` is made only by a command that needs it, so that
 * `--help` touches nothing.
 */
export async function runProgram(
  argv: readonly string[],
  given: Omit<Terminal, 'end'> & { readonly version: string },
): Promise<number> {
  let status: number = exitStatus.done
  const terminal: Terminal = {
    ...given,
    end: (value) => {
      status = value
    },
  }
  const program = new Command('millwright')
    .description('Sets up, switches and watches Nix remote builders.')
    .version(given.version)
    .configureOutput({
      writeOut: given.io.out,
      writeErr: given.io.err,
      outputError: (text, write) => write(usageText(text)),
    })
    .exitOverride()
  for (const add of [
    addCommands,
    adoptCommands,
    builderCommands,
    rotateKeyCommands,
    statusCommands,
    buildsCommands,
    modeCommands,
    substituterCommands,
    shareCommands,
    collectCommands,
    exportCommands,
    importCommands,
    fileCommands,
    autostartCommands,
    helperCommands,
  ])
    add(program, terminal)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.usage
    throw error
  }
}
