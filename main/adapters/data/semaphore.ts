import { FailureError } from '../../failures'

/** So many at once, the others in the order in which they came. */
export interface Semaphore {
  /** Waits for a place, works, and leaves it. Fails with CANCELLED when aborted before its turn. */
  use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Places for `most` at once; one that gives up while it waits holds nobody up. */
export function createSemaphore(most: number): Semaphore {
  let taken = 0
  const waiting = new Set<() => void>()
  const leave = () => {
    const [next] = waiting
    if (!next) {
      taken--
      return
    }
    waiting.delete(next)
    next()
  }
  const enter = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(cancelled())
      if (taken < most) {
        taken++
        return resolve()
      }
      const onAbort = () => {
        waiting.delete(turn)
        reject(cancelled())
      }
      const turn = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(turn)
    })
  return {
    use: async (signal, work) => {
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}

const cancelled = () => new FailureError({ code: 'CANCELLED', facts: {} })
