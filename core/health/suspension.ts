import type { FailureCode } from '../../contract/failure'

/** The times by which a builder is watched, suspended and reinstated; all in ms. */
export interface SuspensionSettings {
  /** From one look at a builder that answers to the next. */
  readonly probeIntervalMs: number
  /** To the first look at one that failed; doubles with each further failure. */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** How long a loss counts against a builder. */
  readonly memoryMs: number
  /** How long a builder lost for the second time must answer before it is reinstated; doubles with each loss. */
  readonly firstHoldMs: number
  readonly longestHoldMs: number
}

export const defaultSettings: SuspensionSettings = {
  probeIntervalMs: 5_000,
  firstRetryMs: 2_000,
  longestRetryMs: 30_000,
  memoryMs: 600_000,
  firstHoldMs: 15_000,
  longestHoldMs: 300_000,
}

/** For looks that cost a login of root's: where there is no key to watch with. */
export const slowSettings: SuspensionSettings = {
  ...defaultSettings,
  probeIntervalMs: 60_000,
  firstRetryMs: 15_000,
  longestRetryMs: 60_000,
}

/**
 * What the person wants: `paused` leaves it off, `insisted` leaves it on until it has answered once, `kept` leaves it
 * on whatever happens.
 */
export type ManualOverride = 'none' | 'paused' | 'insisted' | 'kept'

export interface Circumstances {
  /** Nix may build there now. */
  readonly isOn: boolean
  readonly wish: ManualOverride
}

/** `unknown`: the probe itself could not be taken, which says nothing of the builder. */
export type Observation =
  | { readonly outcome: 'answered' }
  | { readonly outcome: 'failed'; readonly code: FailureCode }
  | { readonly outcome: 'unknown' }

/** What is remembered of one builder between looks. */
export interface Suspension {
  readonly failuresInRow: number
  /** Since when it has answered every probe. */
  readonly answeringSinceMs?: number
  /** When it was suspended, the latest last. */
  readonly lossesMs: readonly number[]
}

export const notSuspended: Suspension = { failuresInRow: 0, lossesMs: [] }

export interface Decision {
  readonly act: 'suspend' | 'resume' | 'wait'
  readonly nextProbeMs: number
  readonly suspension: Suspension
}

/**
 * What becomes of a builder after one probe. A connection that merely broke is tried again at once, any other failure
 * suspends; one that answers is reinstated, later with each loss. Nothing is done against the person's wish.
 */
export function decideSuspension(
  before: Suspension,
  { isOn, wish }: Circumstances,
  observation: Observation,
  nowMs: number,
  settings: SuspensionSettings = defaultSettings,
): Decision {
  const lossesMs = before.lossesMs.filter((at) => at <= nowMs && at > nowMs - settings.memoryMs)
  const wait = (nextProbeMs: number, suspension: Suspension): Decision => ({
    act: 'wait',
    nextProbeMs,
    suspension,
  })
  if (observation.outcome === 'unknown') return wait(settings.longestRetryMs, { ...before, lossesMs })
  if (wish === 'paused') return wait(settings.probeIntervalMs, { failuresInRow: 0, lossesMs })

  if (observation.outcome === 'failed') {
    const failuresInRow = before.failuresInRow + 1
    const failed = { failuresInRow, lossesMs }
    if (isOn && wish === 'insisted') return wait(settings.probeIntervalMs, failed)
    if (!isOn) return wait(retryMs(failuresInRow, settings), failed)
    if (observation.code === 'CONNECTION_LOST' && failuresInRow === 1) return wait(0, failed)
    if (wish === 'kept') return wait(retryMs(failuresInRow, settings), failed)
    return {
      act: 'suspend',
      nextProbeMs: settings.firstRetryMs,
      suspension: { failuresInRow: 1, lossesMs: [...lossesMs, nowMs] },
    }
  }

  const answeringSinceMs = Math.min(before.answeringSinceMs ?? nowMs, nowMs)
  const answering = { failuresInRow: 0, answeringSinceMs, lossesMs }
  const leftMs = isOn ? 0 : answeringSinceMs + suspensionHoldMs(lossesMs.length, settings) - nowMs
  if (leftMs > 0) return wait(Math.min(leftMs, settings.probeIntervalMs), answering)
  return { act: isOn ? 'wait' : 'resume', nextProbeMs: settings.probeIntervalMs, suspension: answering }
}

/** How long a suspended builder must have answered before it is reinstated, by how often it was lost of late. */
export function suspensionHoldMs(losses: number, { firstHoldMs, longestHoldMs }: SuspensionSettings): number {
  return losses < 2 ? 0 : Math.min(firstHoldMs * 2 ** (losses - 2), longestHoldMs)
}

function retryMs(failures: number, { firstRetryMs, longestRetryMs }: SuspensionSettings): number {
  return Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs)
}
