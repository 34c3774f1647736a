/** What went wrong, as data: the code decides the words, the facts fill them in. */
export interface Failure {
  /**
   * That of a row in `core/failures`, where codes and facts are typed; a plain string here, because what crosses
   * processes and is kept may be of another version.
   */
  readonly code: string
  /** Values for the words: host, user, path, version …; never a secret. */
  readonly facts: Readonly<Record<string, string>>
  /** Raw, capped, cleaned text of the program that failed, for *copy detail*. */
  readonly detail?: string
  /** The step in which it happened. */
  readonly step?: string
}

/** Every reply to a command: data, never a thrown error across a process border. */
export type Reply<T, F extends Failure = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: F }
