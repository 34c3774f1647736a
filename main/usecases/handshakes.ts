import type { FailureCode } from '../../contract/failure'
import { toFailure } from '../failures'
import type { Ports } from '../ports/ports'
import { conclusive, failedLook, type Look } from './look-at-builder'

/** How root's own handshake fails when it is the builder's doing. */
const builderFails: readonly FailureCode[] = [
  ...conclusive,
  'HOST_KEY_CHANGED',
  'LOGIN_REFUSED',
  'PING_FAILED',
  'PROTOCOL_MISMATCH',
]

/** A login of root's each: no more at once, */
const most = 2
/** and no faster, for the helper takes 120 calls a minute and switching needs some of them, */
const gapMs = 1_000
/** and those that nothing calls for no faster than this, all builders together. */
const routineGapMs = 20_000

/** Root's own handshakes with all builders, by turns. */
export interface Handshakes {
  /** Shakes hands when it is its turn, before all that are not urgent. Never rejects. */
  shake(id: string, signal: AbortSignal): Promise<Look>
  /** Whether one that nothing calls for may be made now; the one that has waited longest may. */
  isTurnOf(id: string): boolean
  /** It does not wait any more. */
  leave(id: string): void
}

export function createHandshakes(
  { helper, waitAbout }: Pick<Ports, 'helper' | 'waitAbout'>,
  stopping: AbortSignal,
): Handshakes {
  const urgent: (() => void)[] = []
  const routine = new Set<string>()
  let running = 0
  let isOpen = true
  let isRoutineOpen = true

  const begin = () => {
    while (isOpen && running < most) {
      const start = urgent.shift()
      if (!start) return
      running++
      isOpen = false
      void waitAbout(gapMs, stopping).then(() => {
        isOpen = true
        begin()
      })
      start()
    }
  }
  const turn = () =>
    new Promise<void>((resolve) => {
      urgent.push(resolve)
      begin()
    })
  return {
    shake: async (id, signal) => {
      routine.delete(id)
      await turn()
      try {
        signal.throwIfAborted()
        await helper.call({ op: 'ping', id }, { signal })
        return { observation: { outcome: 'answered' }, isCostly: true }
      } catch (error) {
        return failedLook(toFailure(error), builderFails, true)
      } finally {
        running--
        begin()
      }
    },
    isTurnOf: (id) => {
      routine.add(id)
      const [first] = routine
      if (first !== id || !isRoutineOpen || running >= most || urgent.length > 0) return false
      isRoutineOpen = false
      void waitAbout(routineGapMs, stopping).then(() => {
        isRoutineOpen = true
      })
      return true
    },
    leave: (id) => void routine.delete(id),
  }
}
