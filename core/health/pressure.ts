import type { Sample } from '../../contract/health'

/** Whether a builder is slow, and since when its samples have said the opposite. */
export interface Pressure {
  readonly isSlow: boolean
  readonly turnedMs: number | undefined
}

export const noPressure: Pressure = { isSlow: false, turnedMs: undefined }

/** One busy moment makes no builder slow, and one quiet moment is no relief. */
const inMs = 60_000
const outMs = 30_000

/** What becomes of it with one more sample, while so many builds of this computer run there. */
export function updatePressure(
  { isSlow, turnedMs }: Pressure,
  sample: Sample,
  slots: number,
  nowMs: number,
): Pressure {
  if (isPressed(sample, slots) === isSlow) return { isSlow, turnedMs: undefined }
  const sinceMs = Math.min(turnedMs ?? nowMs, nowMs)
  if (nowMs - sinceMs < (isSlow ? outMs : inMs)) return { isSlow, turnedMs: sinceMs }
  return { isSlow: !isSlow, turnedMs: undefined }
}

/** Late answers always count; load only while none of it can be ours, for then it is what the builder is there for. */
function isPressed({ latencyMs, load1, cpus, cpuPressure = 0 }: Sample, slots: number): boolean {
  return latencyMs > longLatencyMs || (slots === 0 && (load1 > 2 * cpus || cpuPressure > 60))
}

export const longLatencyMs = 1_000
