import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullInMs, type SpacePoint } from '../../../core/health/disk-forecast'
import { isDiskLow } from '../../../core/health/disk-space'

const gib = 2 ** 30
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A point a minute. */
function points(minutes: number, freeAt: (minute: number) => number, fromMs = 1_700_000_000_000) {
  return Array.from(
    { length: minutes },
    (_, minute): SpacePoint => ({
      atMs: fromMs + minute * minuteMs,
      freeBytes: freeAt(minute),
    }),
  )
}

describe('when the disk is full', () => {
  it('follows a steady fall to its end', () => {
    // 1 GiB every ten minutes from 20 GiB: after an hour 14 GiB are left, for 140 minutes
    expect(fullInMs(points(61, (minute) => (20 - minute / 10) * gib))).toBeCloseTo(140 * minuteMs, -4)
  })

  it('says nothing of a disk that stays as it is, or that wavers', () => {
    expect(fullInMs(points(180, () => 20 * gib))).toBeUndefined()
    expect(fullInMs(points(180, (minute) => (20 + Math.sin(minute / 7)) * gib))).toBeUndefined()
  })

  it('says nothing of one big copy in a quiet time', () => {
    expect(fullInMs(points(120, (minute) => (minute < 60 ? 20 : 12) * gib))).toBeUndefined()
  })

  it('is not bent by a build folder that comes and goes', () => {
    const steadily = (minute: number) => (40 - minute / 10) * gib
    const passing = points(120, (minute) => steadily(minute) - (minute % 30 < 5 ? 0.8 * gib : 0))
    const within = fullInMs(passing) ?? 0
    const wanted = fullInMs(points(120, steadily)) ?? 0
    expect(Math.abs(within - wanted) / wanted).toBeLessThan(0.1)
  })

  it('starts anew after a garbage collection, also one that takes several samples', () => {
    const collectedAt = 60
    const fall = (minute: number) => {
      if (minute < collectedAt) return (30 - minute / 4) * gib
      return (15 + Math.min(10, (minute - collectedAt) * 4) - (minute - collectedAt) / 60) * gib
    }
    expect(fullInMs(points(collectedAt, fall))).toBeDefined()
    // just after it nothing is known yet
    expect(fullInMs(points(collectedAt + 8, fall))).toBeUndefined()
    // two hours later the slow fall alone counts: a GiB an hour from 23 GiB
    const later = fullInMs(points(collectedAt + 180, fall)) ?? 0
    expect(later / hourMs).toBeGreaterThan(18)
    expect(later / hourMs).toBeLessThan(24)
  })

  it('looks no farther ahead than eight times what it has seen, and never past a day', () => {
    const slow = (minute: number) => (20 - minute / 60) * gib
    expect(fullInMs(points(30, slow))).toBeUndefined()
    expect(fullInMs(points(180, slow))).toBeDefined()
    expect(fullInMs(points(180, (minute) => (40 - minute / 60) * gib))).toBeUndefined()
  })

  it('forgets what lies more than three hours back', () => {
    const old = points(180, (minute) => (400 - minute) * gib)
    const quiet = points(181, () => 220 * gib, 1_700_000_000_000 + 180 * minuteMs)
    expect(fullInMs([...old, ...quiet])).toBeUndefined()
  })

  it('returns nothing, or a time within the day, whatever it is given', () => {
    const point = fc.record({
      atMs: fc.nat(86_400_000),
      freeBytes: fc.double({ min: 0, max: 1e15, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(point, { maxLength: 400 }), (any) => {
        const inMs = fullInMs(any.toSorted((a, b) => a.atMs - b.atMs))
        expect(inMs === undefined || (inMs >= 0 && inMs <= 24 * hourMs)).toBe(true)
      }),
    )
  })
})

describe('a disk is low', () => {
  const cases = [
    { storeBytes: 4000 * gib, storeFreeBytes: 5.1 * gib, low: false },
    { storeBytes: 4000 * gib, storeFreeBytes: 4.9 * gib, low: true },
    { storeBytes: 40 * gib, storeFreeBytes: 2.1 * gib, low: false },
    { storeBytes: 40 * gib, storeFreeBytes: 1.9 * gib, low: true },
    { storeBytes: 8 * gib, storeFreeBytes: 1.1 * gib, low: false },
    { storeBytes: 8 * gib, storeFreeBytes: 0.9 * gib, low: true },
  ]
  it.each(cases)('$storeFreeBytes of $storeBytes: $low', ({ low, ...space }) => {
    expect(isDiskLow(space)).toBe(low)
  })
})
