import { Command, CommanderError } from 'commander'
import type { AppView } from './app-view'
import { addCommands } from './commands/add'
import { autostartCommands } from './commands/autostart'
import { builderCommands } from './commands/builders'
import { buildsCommands } from './commands/builds'
import { collectCommands } from './commands/collect'
import { fileCommands } from './commands/files'
import { type HelperPrograms, helperCommands } from './commands/helper'
import { modeCommands } from './commands/modes'
import { shareCommands } from './commands/share'
import { statusCommands } from './commands/status'
import { substituterCommands } from './commands/substituter'
import { exitStatus, type Io } from './io'

/** What a subcommand is given; `end` sets the exit status. */
export interface Terminal {
  readonly app: () => Promise<AppView>
  readonly io: Io
  readonly helper: HelperPrograms
  end(status: number): void
}

/**
 * Runs one command line and answers its exit status. `app` is made only by a command that needs it, so that
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
    .configureOutput({ writeOut: given.io.out, writeErr: given.io.err })
    .exitOverride()
  for (const add of [
    addCommands,
    builderCommands,
    statusCommands,
    buildsCommands,
    modeCommands,
    substituterCommands,
    shareCommands,
    collectCommands,
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
