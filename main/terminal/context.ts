import type { AppView } from './app-view'
import type { Io } from './io'

/** What a subcommand is given; `end` sets the exit status. */
export interface Terminal {
  readonly app: () => Promise<AppView>
  readonly io: Io
  readonly helper: HelperPrograms
  end(status: number): void
}

/** The program that puts the helper in its place; it needs root and asks for it by itself. */
export interface HelperPrograms {
  /**
   * Runs it with this terminal's input and output; returns its exit status. `isAside`: what it says is no output of the
   * command's own.
   */
  run(
    operation: 'status' | 'install' | 'uninstall',
    options?: { readonly isAside?: boolean },
  ): Promise<number>
}
