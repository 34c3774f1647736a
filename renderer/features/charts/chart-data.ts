import type { Series, SeriesPoint, SeriesSpan } from '../../../contract/health'

export type Measure = Exclude<keyof SeriesPoint, 'atMs'>

const spanMs: Record<SeriesSpan, number> = { hour: 3_600_000, day: 86_400_000 }
const tickMs: Record<SeriesSpan, number> = { hour: 900_000, day: 4 * 3_600_000 }

/** The points with an empty one wherever some are missing, so that no line is drawn over what is not known. */
export function withGaps({ points, stepMs }: Series): readonly SeriesPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1]
    const isGap = before !== undefined && point.atMs - before.atMs > 2.5 * stepMs
    return isGap ? [{ atMs: before.atMs + stepMs }, point] : [point]
  })
}

export interface TimeAxis {
  readonly domain: readonly [number, number]
  readonly ticks: readonly number[]
}

/** The last hour or day up to now, with ticks at round times of the person's own day. */
export function timeAxis(span: SeriesSpan, nowMs: number): TimeAxis {
  const from = nowMs - spanMs[span]
  const offsetMs = new Date(nowMs).getTimezoneOffset() * 60_000
  const step = tickMs[span]
  const first = Math.ceil((from - offsetMs) / step) * step + offsetMs
  const ticks: number[] = []
  for (let at = first; at <= nowMs; at += step) ticks.push(at)
  return { domain: [from, nowMs], ticks }
}

/** `14:30` in the person's own time zone. */
export function clockWords(atMs: number): string {
  const date = new Date(atMs)
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
}

const steps = [1, 2, 2.5, 5, 10]

/** Round numbers from 0 to above the highest, at most five, in units of `unit`. */
export function roundTicks(highest: number, unit = 1, isWhole = false): readonly number[] {
  const top = Math.max(highest / unit, isWhole ? 1 : 1e-3)
  const size = 10 ** Math.floor(Math.log10(top / 4))
  const fitting = steps.map((step) => step * size).find((step) => top / step <= 4) ?? 10 * size
  const step = isWhole ? Math.max(1, Math.ceil(fitting)) : fitting
  const count = Math.max(1, Math.ceil(top / step))
  return Array.from({ length: count + 1 }, (_, index) => index * step * unit)
}

export interface Extent {
  readonly last?: number
  readonly lowest: number
  readonly highest: number
}

/** The last, lowest and highest of a measure; undefined where it was never known. */
export function extentOf(points: readonly SeriesPoint[], measure: Measure): Extent | undefined {
  const values = points.map((point) => point[measure]).filter((value) => value !== undefined)
  if (values.length === 0) return undefined
  const last = points.at(-1)?.[measure]
  return {
    ...(last === undefined ? {} : { last }),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  }
}

export interface ChartLine {
  readonly measure: Measure
  readonly name: string
  readonly color: string
  readonly isDashed?: boolean
  readonly isStep?: boolean
  readonly words: (value: number) => string
  /** On the axis, where it is said otherwise; 0 is always `0`. */
  readonly tickWords?: (value: number) => string
  readonly axisWidth?: number
}
