import type { Failure, FailureCode } from '../../contract/failure'
import { type FailureWords, sayingOf, type WordsFor } from './facts'
import { wordsOfLocal } from './words-of-local'
import { wordsOfProof } from './words-of-proof'
import { wordsOfReaching } from './words-of-reaching'
import { wordsOfRemote } from './words-of-remote'
import { wordsOfWatching } from './words-of-watching'

/** Every code has its words; one without does not compile. */
const words = {
  ...wordsOfReaching,
  ...wordsOfRemote,
  ...wordsOfLocal,
  ...wordsOfProof,
  ...wordsOfWatching,
} satisfies Record<FailureCode, WordsFor>

/**
 * What a person reads of a failure: what happened, the likely cause, what to do. The facts `builder` (or
 * `id`), `host`, `user`, `port`, `path`, `version` and those named in the tables fill in the sentences; each
 * may be missing. `detail` stays apart, for copying.
 */
export function failureWords(failure: Failure): FailureWords {
  return words[failure.code](sayingOf(failure))
}
