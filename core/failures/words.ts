import type { Failure } from '../../contract/failure'
import type { FailureWords } from './failure-words'
import { failureRows, isFailureCode } from './rows'

/**
 * What a person reads of a failure: what happened, the likely cause, what to do. One that this version does not know,
 * or whose facts are not those of its row, is called by its code. `detail` stays apart, for copying.
 */
export function failureWords({ code, facts }: Pick<Failure, 'code' | 'facts'>): FailureWords {
  const words = isFailureCode(code) ? failureRows[code].wordsOf(facts) : undefined
  return (
    words ?? failureRows.OTHER_VERSION.wordsOf({ code }) ?? failureWords({ code: 'UNEXPECTED', facts: {} })
  )
}
