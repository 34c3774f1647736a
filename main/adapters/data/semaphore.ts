import pLimit from 'p-limit'
import { FailureError } from '../../failures'

/** So many at once, the others in the order in which they came. */
export interface Semaphore {
  /** Waits for a place, works, and leaves it. Fails with CANCELLED when aborted before its turn. */
  use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Places for `most` at once; one that gives up while it waits holds nobody up. */
export function createSemaphore(most: number): Semaphore {
  const limit = pLimit(most)
  return {
    use: (signal, work) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(new FailureError({ code: 'CANCELLED', facts: {} }))
        if (signal.aborted) return giveUp()
        signal.addEventListener('abort', giveUp, { once: true })
        void limit(async () => {
          signal.removeEventListener('abort', giveUp)
          if (!signal.aborted) await work().then(resolve, reject)
        })
      }),
  }
}
