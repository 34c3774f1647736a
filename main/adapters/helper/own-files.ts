import pLimit from 'p-limit'
import type { DaemonView } from '../../../contract/daemon'
import { type HelperRequest, type HelperResult, mostTrialsAtOnce } from '../../../contract/helper'
import { createFailure } from '../../../core/failures/failure'
import { failureOfHelper } from '../../../core/failures/from-outside'
import { personSystem } from '../../../helper/person/person-system'
import { runForPerson } from '../../../helper/person/run-for-person'
import { FailureError, fail } from '../../failures'
import type { HelperPort } from '../../ports/helper'
import { configFolder, dataFolder } from '../system/folders'

/**
 * What the helper does, for whoever owns the store of this computer: in this process, on their own files. Root has no
 * part in it, so nothing is installed and nobody is asked.
 */
export function createOwnFiles(): HelperPort {
  /** More at once are refused: ours wait for one another instead. */
  const trials = pLimit(mostTrialsAtOnce)
  const system = () => personSystem({ config: configFolder(), data: dataFolder() })
  const run = async (request: HelperRequest): Promise<HelperResult> => {
    const result = await runForPerson(system(), request)
    if (result.code !== 'OK') throw new FailureError(failureOfHelper(request, result))
    return result
  }
  let seen: { readonly atMs: number; readonly view: Promise<DaemonView | undefined> } | undefined

  return {
    inspect: async () => ({ state: 'ready', way: 'not-needed', installCommand: '', isInstallable: false }),
    status: async () => {
      const { status } = await run({ op: 'status' })
      return status ?? fail('HELPER_FAILED', {}, 'There was an answer without the status.')
    },
    daemon: ({ maxAgeMs = 0 } = {}) => {
      const nowMs = performance.now()
      if (seen && nowMs - seen.atMs < maxAgeMs) return seen.view
      const view = run({ op: 'read-daemon' }).then(
        ({ daemon }) => daemon,
        () => undefined, // What Nix goes by is not known then, and nothing is concluded from that.
      )
      seen = { atMs: nowMs, view }
      return view
    },
    call: async (request, { signal } = {}) => {
      const isTrial = request.op === 'ping' || request.op === 'prove'
      try {
        return await orCancelled(isTrial ? trials(() => run(request)) : run(request), signal)
      } finally {
        if (!isTrial) seen = undefined
      }
    },
    install: async () => undefined,
  }
}

/** Whoever cancels waits no longer; what was begun ends by itself, under its lock. */
function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new FailureError(createFailure('CANCELLED', {})))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
