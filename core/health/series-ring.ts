import type { SeriesPoint, SeriesSpan } from '../../contract/health'

/** What is kept of each step, in this order. */
const fields = ['load1', 'memoryUsed', 'slots', 'storeFreeBytes', 'latencyMs'] as const
/** The fields, and how many points their means are of. */
const width = fields.length + 1

export const spans = {
  hour: { stepMs: 10_000, length: 360 },
  day: { stepMs: 300_000, length: 288 },
} as const satisfies Record<SeriesSpan, { readonly stepMs: number; readonly length: number }>

/** The past of one builder in one span: a ring of steps, each with the means of its points; NaN is not known. */
export interface SeriesRing {
  readonly span: SeriesSpan
  /** Which step of time each place holds, counted from the epoch; 0: none. */
  readonly steps: Uint32Array
  readonly values: Float32Array
}

export function emptyRing(span: SeriesSpan): SeriesRing {
  const { length } = spans[span]
  return { span, steps: new Uint32Array(length), values: new Float32Array(length * width).fill(Number.NaN) }
}

/** Adds a point to its step, in place. What lies after it was written under a clock that has been set back since. */
export function addPoint({ span, steps, values }: SeriesRing, point: SeriesPoint): void {
  const { stepMs, length } = spans[span]
  const step = Math.floor(point.atMs / stepMs)
  if (!(step > 0 && step < 2 ** 32)) return
  // No iterator, which makes a pair for each of hundreds of places at each probe of each builder.
  for (let place = 0; place < steps.length; place++) if ((steps[place] ?? 0) > step) steps[place] = 0
  const place = step % length
  const start = place * width
  if (steps[place] !== step) {
    steps[place] = step
    values.fill(Number.NaN, start, start + width)
    values[start + width - 1] = 0
  }
  const count = (values[start + width - 1] ?? 0) + 1
  values[start + width - 1] = count
  for (const [at, field] of fields.entries()) {
    const value = point[field]
    if (value === undefined || !Number.isFinite(value)) continue
    const before = values[start + at] ?? Number.NaN
    values[start + at] = Number.isNaN(before) ? value : before + (value - before) / count
  }
}

/** The steps of the span up to now, oldest first; gaps, and what would lie in the future, are left out. */
export function pointsOf({ span, steps, values }: SeriesRing, nowMs: number): SeriesPoint[] {
  const { stepMs, length } = spans[span]
  const last = Math.floor(nowMs / stepMs)
  const points: SeriesPoint[] = []
  for (let step = Math.max(1, last - length + 1); step <= last; step++) {
    const place = step % length
    if (steps[place] !== step) continue
    const known = fields.flatMap((field, at) => {
      const value = values[place * width + at]
      return value !== undefined && Number.isFinite(value) ? [[field, value] as const] : []
    })
    points.push({ atMs: step * stepMs, ...Object.fromEntries(known) })
  }
  return points
}

const loadAt = fields.indexOf('load1')
const trendStepMs = 30_000
const trendSteps = 30

/** A trend before anything is known. */
export const noTrend: readonly number[] = Array.from({ length: trendSteps }, () => -1)

/** Load over CPUs in the last 15 min of the ring of an hour, the latest last; -1 where nothing is known. */
export function trendOf({ span, steps, values }: SeriesRing, cpus: number, nowMs: number): readonly number[] {
  const { stepMs, length } = spans[span]
  const each = trendStepMs / stepMs
  const end = (Math.floor(nowMs / trendStepMs) + 1) * each
  return noTrend.map((unknown, at) => {
    const first = end - (trendSteps - at) * each
    let sum = 0
    let count = 0
    for (let step = first; step < first + each; step++) {
      const place = step % length
      const load = values[place * width + loadAt]
      if (steps[place] !== step || load === undefined || Number.isNaN(load)) continue
      const points = values[place * width + width - 1] ?? 0
      sum += load * points
      count += points
    }
    return count === 0 ? unknown : Math.round((100 * sum) / count / Math.max(1, cpus)) / 100
  })
}
