/** What the command line reads and writes; a test hands in its own. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** Both ends are a terminal, so that a person can be asked. */
  readonly interactive: boolean
  /** The terminal that stdout is, where it is one that can be drawn over. */
  readonly screen?: Screen
  /** All of standard input, once. */
  readInput(): Promise<string>
  /** One typed line; `hidden` does not echo. Rejects with an AbortError on Ctrl-C, and when the signal takes it back. */
  prompt(text: string, hidden: boolean, signal?: AbortSignal): Promise<string>
}

/** Where something is drawn again and again. */
export interface Screen {
  /** Draws text, cut to the terminal's size, over what was drawn before. */
  draw(text: string): void
  /** How many columns a line may have. */
  columns(): number
  /** Takes away what is drawn, for what is to stand in its place. */
  clear(): void
  /** Leaves what is drawn where it is, for good. */
  leave(): void
  /** Told once the screen is empty after a change of its size. Returns how to stop. */
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
