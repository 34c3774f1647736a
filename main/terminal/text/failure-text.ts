import type { Failure } from '../../../contract/failure'
import { exitName } from '../../../core/failures/failure'
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

/** The exit status a failure ends the command with. */
export function exitStatusOf(failure: Failure): number {
  return exitStatus[exitName(failure)]
}
