/** What the command line reads and writes; a test hands in its own. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** Both ends are a terminal, so that a person can be asked. */
  readonly interactive: boolean
  /** stdout is a terminal: colour and live lines. */
  readonly live: boolean
  /** The terminal that stdout is; there only when `live`. */
  readonly screen?: Screen
  /** All of standard input, once. */
  readInput(): Promise<string>
  /** One typed line; `hidden` does not echo. Rejects with an AbortError on Ctrl-C. */
  prompt(text: string, hidden: boolean): Promise<string>
}

/** Where something is drawn again and again. */
export interface Screen {
  size(): { readonly columns: number; readonly rows: number }
  /** Returns how to stop. */
  onResize(listener: () => void): () => void
}

/** Exit status of the command line, as documented in docs/cli.md. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  answerNeeded: 3,
  notAuthorised: 4,
  cancelled: 130,
} as const
