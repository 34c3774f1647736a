import type { Sample, SeriesPoint } from '../../../contract/health'

/** What of a sample, and of the slots taken then, goes into the charts. */
export function seriesPoint(sample: Sample, slots: number): SeriesPoint {
  const { atMs, load1, latencyMs, memoryBytes, memoryFreeBytes, storeFreeBytes } = sample
  return {
    atMs,
    load1,
    latencyMs,
    slots,
    ...(memoryBytes > 0 ? { memoryUsed: Math.min(1, Math.max(0, 1 - memoryFreeBytes / memoryBytes)) } : {}),
    ...(storeFreeBytes === undefined ? {} : { storeFreeBytes }),
  }
}
