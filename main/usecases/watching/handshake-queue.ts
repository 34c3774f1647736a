import { builderFailureCodes } from '../../../core/failures/failure'
import { toFailure } from '../../failures'
import type { Ports } from '../../ports/ports'
import { failedProbe, type ProbeOutcome } from './probe-connection'

/** A login of root's each: no more at once, */
const mostAtOnce = 2
/** and no faster, for the helper takes 120 calls a minute and switching needs some of them; */
const gapMs = 1_000
/** with many to go, as after a start, half as fast: they are watched meanwhile; */
const many = 100
/** but a few may follow closely, so that builders that all fail at once are all seen to within seconds, */
const few = 10
const closeGapMs = 250
const fewWithinMs = 20_000
/** and those that nothing calls for no faster than this, all builders together. */
const routineGapMs = 20_000

interface Waiting {
  readonly id: string
  readonly why: 'awaited' | 'due'
  readonly settle: (isItsTurn: boolean) => void
}

/** Root's own handshakes with all builders, by turns. */
export interface HandshakeQueue {
  /**
   * Makes the handshake when it is its turn: one that a probe waits for before those that something has merely made
   * due. Never rejects.
   */
  request(id: string, signal: AbortSignal, why?: 'awaited' | 'due'): Promise<ProbeOutcome>
  /** Whether one that nothing calls for may be made now; the one that has waited longest may. */
  isTurnOf(id: string): boolean
  /** No probe waits for it and it is no use now: it gives up its turn, and its outcome is unknown. */
  leave(id: string): void
}

export function createHandshakeQueue(
  { helper, jitteredSleep }: Pick<Ports, 'helper' | 'jitteredSleep'>,
  stopping: AbortSignal,
): HandshakeQueue {
  const waiting = new Set<Waiting>()
  const routine = new Set<string>()
  let running = 0
  let isOpen = true
  let lately = 0
  let isRoutineOpen = true

  const next = () => {
    const [first] = waiting
    for (const one of waiting) if (one.why === 'awaited') return one
    return first
  }
  const begin = () => {
    while (isOpen && running < mostAtOnce) {
      const one = next()
      if (!one) return
      waiting.delete(one)
      running++
      isOpen = false
      lately++
      void jitteredSleep(fewWithinMs, stopping).then(() => lately--)
      const usualGapMs = waiting.size > many ? 2 * gapMs : gapMs
      void jitteredSleep(lately < few ? closeGapMs : usualGapMs, stopping).then(() => {
        isOpen = true
        begin()
      })
      one.settle(true)
    }
  }
  const turn = (id: string, why: Waiting['why']) =>
    new Promise<boolean>((settle) => {
      waiting.add({ id, why, settle })
      begin()
    })
  return {
    request: async (id, signal, why = 'awaited') => {
      routine.delete(id)
      if (!(await turn(id, why))) return { observation: { outcome: 'unknown' }, isCostly: true }
      try {
        signal.throwIfAborted()
        await helper.call({ op: 'ping', id }, { signal })
        return { observation: { outcome: 'answered' }, isCostly: true }
      } catch (error) {
        return failedProbe(toFailure(error), builderFailureCodes, true)
      } finally {
        running--
        begin()
      }
    },
    isTurnOf: (id) => {
      routine.add(id)
      const [first] = routine
      if (first !== id || !isRoutineOpen || running >= mostAtOnce || waiting.size > 0) return false
      isRoutineOpen = false
      void jitteredSleep(routineGapMs, stopping).then(() => {
        isRoutineOpen = true
      })
      return true
    },
    leave: (id) => {
      routine.delete(id)
      for (const one of waiting) {
        if (one.id !== id || one.why === 'awaited') continue
        waiting.delete(one)
        one.settle(false)
      }
    },
  }
}
