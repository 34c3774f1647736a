import { isOneOf } from '../../../core/failures/failure'
import type { FailureCode } from '../../../core/failures/rows'
import { coalesce } from '../../../core/sync/coalesce'
import { toFailure } from '../../failures'
import type { HelperPort } from '../../ports/helper'

/** One of them may be the reason, or the helper is of an earlier version: then each is asked for by itself. */
const ofOne: readonly FailureCode[] = [
  'NO_SUCH_BUILDER',
  'QUARANTINED',
  'HELPER_REFUSED_INPUT',
  'HELPER_OUTDATED',
]

interface Waiting {
  readonly id: string
  readonly enabled: boolean
  readonly settle: (outcome: ReturnType<HelperPort['call']>) => void
}

/**
 * The helper for who switches many builders at about the same time: each call of root's costs two processes and a
 * new generation of files, so that what waits for one under way goes with the next, all in one.
 */
export function batchSwitching(helper: HelperPort): HelperPort {
  let waiting: Waiting[] = []
  let isRunning = false

  const flush = async () => {
    isRunning = true
    for (let [first] = waiting; first; [first] = waiting) {
      const { enabled } = first
      const batch = waiting.filter((one) => one.enabled === enabled)
      waiting = waiting.filter((one) => one.enabled !== enabled)
      await switchAll(batch, enabled)
    }
    isRunning = false
  }
  const switchAll = async (batch: readonly Waiting[], enabled: boolean) => {
    const ids = [...new Set(batch.map(({ id }) => id))]
    if (ids.length > 1) {
      try {
        const result = await helper.call({ op: 'set-many-enabled', ids, enabled })
        for (const { settle } of batch) settle(Promise.resolve(result))
        return
      } catch (error) {
        if (!isOneOf(toFailure(error), ofOne)) {
          for (const { settle } of batch) settle(Promise.reject(error))
          return
        }
      }
    }
    for (const { id, settle } of batch) {
      const call = helper.call({ op: 'set-enabled', id, enabled })
      settle(call)
      // Told to who waits for it, by `settle`.
      await call.catch(() => undefined)
    }
  }
  return {
    inspect: () => helper.inspect(),
    install: (signal) => helper.install(signal),
    daemon: (options) => helper.daemon(options),
    status: coalesce(() => helper.status()),
    call: (request, options) => {
      if (request.op !== 'set-enabled' || options?.ask || options?.signal)
        return helper.call(request, options)
      const { id, enabled } = request
      return new Promise((resolve) => {
        waiting.push({ id, enabled, settle: resolve })
        if (!isRunning) void flush()
      })
    },
  }
}
