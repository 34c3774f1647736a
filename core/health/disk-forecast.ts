export interface SpacePoint {
  readonly atMs: number
  readonly freeBytes: number
}

const minuteMs = 60_000
const windowMs = 180 * minuteMs
const shortestMs = 10 * minuteMs
/** How far one may look ahead, in times of what one has seen: a day ahead takes the whole window. */
const farthest = 8
const bins = 24
const fewest = 6
/** Kendall's tau: 1 falls always, 0 is as often up as down. A single big copy in a quiet time stays near 0.5. */
const steady = 0.6

/**
 * When the disk is full if it goes on as of late, in ms from the last point (points oldest first). Only when it has
 * been falling steadily for at least ten minutes, and only within a day. Theil–Sen: the median of the slopes of all
 * pairs, which a passing build folder does not bend as a line of least squares would be.
 */
export function fullInMs(points: readonly SpacePoint[]): number | undefined {
  const last = points.at(-1)
  if (!last) return undefined
  const recent = sinceCollected(points.filter(({ atMs }) => atMs > last.atMs - windowMs))
  const spanMs = last.atMs - (recent[0]?.atMs ?? last.atMs)
  if (spanMs < shortestMs || recent.length < fewest) return undefined
  const slope = steadyFall(thinned(recent, spanMs))
  if (slope === undefined) return undefined
  const inMs = Math.round(last.freeBytes / -slope)
  return inMs <= Math.min(24 * 60 * minuteMs, farthest * spanMs) ? inMs : undefined
}

/**
 * What came after the last time that much space was given back, by a garbage collection or by hand. Much: a twentieth
 * of what was left, and at least 512 MiB.
 */
function sinceCollected(points: readonly SpacePoint[]): readonly SpacePoint[] {
  let start = 0
  let low = Number.POSITIVE_INFINITY
  points.forEach(({ freeBytes }, index) => {
    low = Math.min(low, freeBytes)
    if (freeBytes - low <= Math.max(2 ** 29, low / 20)) return
    start = index
    low = freeBytes
  })
  return points.slice(start)
}

/** At most 24 points, each the mean of its part of the time, so that 500 builders cost next to nothing. */
function thinned(points: readonly SpacePoint[], spanMs: number): readonly SpacePoint[] {
  const startMs = points[0]?.atMs ?? 0
  const parts: SpacePoint[][] = Array.from({ length: bins }, () => [])
  for (const point of points) {
    parts[Math.min(bins - 1, Math.floor(((point.atMs - startMs) / spanMs) * bins))]?.push(point)
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({
      atMs: mean(part.map(({ atMs }) => atMs)),
      freeBytes: mean(part.map(({ freeBytes }) => freeBytes)),
    }))
}

/** The median slope in bytes per ms, where nearly every later point lies below every earlier one. */
function steadyFall(points: readonly SpacePoint[]): number | undefined {
  const slopes: number[] = []
  for (const [index, from] of points.entries()) {
    for (const to of points.slice(index + 1)) {
      if (to.atMs > from.atMs) slopes.push((to.freeBytes - from.freeBytes) / (to.atMs - from.atMs))
    }
  }
  slopes.sort((a, b) => a - b)
  const tau = slopes.reduce((sum, slope) => sum - Math.sign(slope), 0) / slopes.length
  const slope = slopes[Math.floor(slopes.length / 2)]
  return slope !== undefined && slope < 0 && tau >= steady ? slope : undefined
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
