import { Command, CommanderError } from 'commander'
import { addCommands } from './add'
import type { AppView } from './app-view'
import { builderCommands } from './builders'
import { collectCommands } from './collect'
import { fileCommands } from './files'
import { type HelperPrograms, helperCommands } from './helper'
import { exitStatus, type Io } from './io'
import { modeCommands } from './modes'
import { shareCommands } from './share'
import { substituterCommands } from './substituter'

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
    modeCommands,
    substituterCommands,
    shareCommands,
    collectCommands,
    fileCommands,
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
