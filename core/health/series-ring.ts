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
  // No iterator, which makes a pair for each of hundreds of places at each look at each builder.
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
