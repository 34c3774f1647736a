import type { Answer, AskedQuestion } from '../../contract/job'
import { FailureError, fail } from '../failures'
import type { Clock } from '../ports/local'
import type { Ask } from '../ports/ssh'

/** One open question at a time; a second one waits for the first. */
export function createQuestions(
  signal: AbortSignal,
  clock: Clock,
  show: (asked: AskedQuestion | undefined) => void,
) {
  let open: { readonly id: string; readonly resolve: (answer: Answer) => void } | undefined
  let last: Promise<unknown> = Promise.resolve()

  const put: Ask = (question) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new FailureError({ code: 'CANCELLED', facts: {} }))
      const id = clock.newId()
      const settle = () => {
        open = undefined
        signal.removeEventListener('abort', cancelled)
      }
      const cancelled = () => {
        settle()
        reject(new FailureError({ code: 'CANCELLED', facts: {} }))
      }
      signal.addEventListener('abort', cancelled, { once: true })
      open = {
        id,
        resolve: (answer) => {
          settle()
          show(undefined)
          resolve(answer)
        },
      }
      show({ id, question })
    })

  return {
    ask: ((question) => {
      const answer = last.then(() => put(question))
      // The next one waits for it, however it ended; who asked is told.
      last = answer.catch(() => undefined)
      return answer
    }) satisfies Ask,
    answer(questionId: string, answer: Answer) {
      if (open?.id !== questionId) fail('NO_SUCH_JOB')
      open?.resolve(answer)
    },
  }
}
