import type { HealthView, Sample } from '../../contract/health'
import type { Health } from './health'

/** A sample that says the same as the one before is shown anew after this long, so that its age is told right. */
const freshMs = 30_000

/**
 * Health as it is shown, with the load of late from the stored series. Returns the view from before while nothing that a person could see has changed: most samples
 * say what the last one said.
 */
export function healthView(health: Health, trend: readonly number[], before?: HealthView): HealthView {
  const { state, sinceMs, failure, sample, fullInMs, handshake } = health
  const shown = sample && before?.sample && isAboutSame(sample, before.sample) ? before.sample : sample
  const after: HealthView = {
    state,
    since: new Date(sinceMs).toISOString(),
    ...(failure ? { failure } : {}),
    ...(shown ? { sample: shown } : {}),
    trend,
    ...(fullInMs === undefined ? {} : { fullInMs: Math.round(fullInMs / 60_000) * 60_000 }),
    ...(handshake.passedAtMs === undefined
      ? {}
      : { handshakeAt: new Date(handshake.passedAtMs).toISOString() }),
  }
  if (before && JSON.stringify(after) === JSON.stringify(before)) return before
  return sample ? { ...after, sample } : after
}

/** Whether two samples look the same to a person. */
function isAboutSame(one: Sample, other: Sample): boolean {
  const isNear = (name: keyof Sample, by: number) => {
    const [a, b] = [one[name], other[name]]
    if (typeof a !== 'number' || typeof b !== 'number') return a === b
    return Math.abs(a - b) <= by
  }
  return (
    isNear('atMs', freshMs) &&
    isNear('load1', Math.max(0.1, one.load1 / 20)) &&
    isNear('cpuPressure', 2) &&
    isNear('memoryPressure', 2) &&
    isNear('latencyMs', Math.max(10, one.latencyMs / 3)) &&
    isNear('memoryFreeBytes', one.memoryBytes / 50) &&
    isNear('storeFreeBytes', (one.storeBytes ?? 0) / 500) &&
    isNear('buildFreeBytes', 2 ** 28) &&
    isNear('clockOffsetMs', 2_000) &&
    (['bootId', 'cpus', 'memoryBytes', 'storeBytes', 'nixVersion', 'builds'] as const).every((name) =>
      isNear(name, 0),
    ) &&
    one.buildNames.join() === other.buildNames.join()
  )
}
