import type { FailureCode } from '../failures/rows'
import { type Backoff, backoffMs, longestBackoffMs } from './backoff'

/** How a builder is probed. */
export interface ProbePace {
  /** From one probe that was answered to the next, in ms. */
  readonly intervalMs: number
  readonly backoff: Backoff
}

/** The usual probes, with the watching key. */
export const usualPace: ProbePace = { intervalMs: 5_000, backoff: 'probe' }

/** Probes that take a login of root's: where there is no key to probe with. */
export const rootPace: ProbePace = { intervalMs: 60_000, backoff: 'root-probe' }

/** How long a loss counts against a builder. */
export const memoryMs = 600_000

/**
 * What the person decided: `paused` leaves it off, `resumed` leaves it on until it has answered once, `never-suspend`
 * leaves it on whatever happens.
 */
export type ManualOverride = 'none' | 'paused' | 'resumed' | 'never-suspend'

export interface Circumstances {
  /** Nix may build there now. */
  readonly isOn: boolean
  readonly override: ManualOverride
}

/** `unknown`: the probe itself could not be made, which says nothing of the builder. */
export type Observation =
  | { readonly outcome: 'answered' }
  | { readonly outcome: 'failed'; readonly code: FailureCode }
  | { readonly outcome: 'unknown' }

/** What is remembered of one builder between probes. */
export interface Suspension {
  readonly failuresInRow: number
  /** Since when it has answered every probe. */
  readonly answeringSinceMs?: number
  /** When it was suspended, the latest last. */
  readonly lossesMs: readonly number[]
}

export const notSuspended: Suspension = { failuresInRow: 0, lossesMs: [] }

export interface Decision {
  readonly act: 'suspend' | 'reinstate' | 'wait'
  readonly nextProbeMs: number
  readonly suspension: Suspension
}

/**
 * What becomes of a builder after one probe. A connection that merely broke is made again at once, any other failure
 * suspends; one that answers is reinstated, later with each loss. Nothing is done against the person's override.
 */
export function decideSuspension(
  before: Suspension,
  { isOn, override }: Circumstances,
  observation: Observation,
  nowMs: number,
  { intervalMs, backoff }: ProbePace = usualPace,
): Decision {
  const lossesMs = before.lossesMs.filter((at) => at <= nowMs && at > nowMs - memoryMs)
  const wait = (nextProbeMs: number, suspension: Suspension): Decision => ({
    act: 'wait',
    nextProbeMs,
    suspension,
  })
  if (observation.outcome === 'unknown') return wait(longestBackoffMs(backoff), { ...before, lossesMs })
  if (override === 'paused') return wait(intervalMs, { failuresInRow: 0, lossesMs })

  if (observation.outcome === 'failed') {
    const failuresInRow = before.failuresInRow + 1
    const failed = { failuresInRow, lossesMs }
    const retryMs = backoffMs(backoff, failuresInRow)
    if (isOn && override === 'resumed') return wait(intervalMs, failed)
    if (!isOn) return wait(retryMs, failed)
    if (observation.code === 'CONNECTION_LOST' && failuresInRow === 1) return wait(0, failed)
    if (override === 'never-suspend') return wait(retryMs, failed)
    return {
      act: 'suspend',
      nextProbeMs: backoffMs(backoff, 1),
      suspension: { failuresInRow: 1, lossesMs: [...lossesMs, nowMs] },
    }
  }

  const answeringSinceMs = Math.min(before.answeringSinceMs ?? nowMs, nowMs)
  const answering = { failuresInRow: 0, answeringSinceMs, lossesMs }
  // The first loss costs no wait: a builder that was started anew is back with its first answer.
  const holdMs = backoffMs('reinstatement', lossesMs.length - 1)
  const leftMs = isOn ? 0 : answeringSinceMs + holdMs - nowMs
  if (leftMs > 0) return wait(Math.min(leftMs, intervalMs), answering)
  return { act: isOn ? 'wait' : 'reinstate', nextProbeMs: intervalMs, suspension: answering }
}
