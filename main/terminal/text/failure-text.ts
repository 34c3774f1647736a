import type { Failure, FailureCode } from '../../../contract/failure'
import { failureWords } from '../../../core/failures/words'
import { exitStatus } from '../io'

/** What happened, the likely cause, what to do, and the detail: the same four parts as in the window. */
export function failureText(failure: Failure): string {
  const { title, cause, remedy } = failureWords(failure)
  const detail = failure.detail ? `\n${failure.detail.trimEnd()}\n` : ''
  return `millwright: ${title}\n${cause}\n${remedy}\n${detail}`
}

/** The failure as `--json` prints it. */
export function failureJson(failure: Failure) {
  const { title, cause, remedy } = failureWords(failure)
  return { code: failure.code, title, cause, remedy, detail: failure.detail ?? '' }
}

const statusOf: Partial<Record<FailureCode, number>> = {
  CANCELLED: exitStatus.cancelled,
  ANSWER_NEEDED: exitStatus.answerNeeded,
  NOT_AUTHORISED: exitStatus.notAuthorised,
  AUTHORISATION_DISMISSED: exitStatus.notAuthorised,
  NO_WAY_TO_ROOT: exitStatus.notAuthorised,
  ADDRESS_INVALID: exitStatus.usage,
  ADDRESS_IS_THIS_COMPUTER: exitStatus.usage,
  ID_INVALID: exitStatus.usage,
  INVALID_INPUT: exitStatus.usage,
}

/** The exit status a failure ends the command with. */
export function exitStatusOf(failure: Failure): number {
  return statusOf[failure.code] ?? exitStatus.failed
}
