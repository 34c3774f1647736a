import pLimit from 'p-limit'
import { FailureError, fail } from '../../failures'

/**
 * One call at a time. keytar's calls block a thread of Node's pool, without end while a keyring shows its dialog,
 * and four of them would stop files and name look-ups too. So after a time-out nothing more is called until that
 * one call has come back. Whatever goes wrong is KEYCHAIN_UNAVAILABLE.
 */
export function createSerialQueue(timeoutMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  const limit = pLimit(1)
  let isStuck = false

  const take = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isStuck) return fail('KEYCHAIN_UNAVAILABLE', {}, 'An earlier question to the keychain is still open.')
    const answer = work()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, 'late')
    })
    try {
      const outcome = await Promise.race([answer.then((value) => ({ value })), late])
      if (outcome !== 'late') return outcome.value
      isStuck = true
      const free = () => {
        isStuck = false
      }
      answer.then(free, free)
      return fail('KEYCHAIN_UNAVAILABLE', {}, `The keychain did not answer within ${timeoutMs / 1000} s.`)
    } catch (error) {
      if (error instanceof FailureError) throw error
      return fail('KEYCHAIN_UNAVAILABLE', {}, error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
    }
  }

  return (work) => limit(() => take(work))
}
