import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SeriesPoint } from '../../../../contract/health'
import { createSeries } from '../../../../main/adapters/data/series'
import type { SeriesPort } from '../../../../main/ports/series'
import { keptLog } from '../../../fakes/kept-log'
import { until } from '../../../world/fleet/process'

const minuteMs = 60_000
const nowMs = Date.UTC(2026, 10, 24, 12)

describe('the past of builders', () => {
  let dir: string
  let series: SeriesPort
  const log = keptLog()
  const file = (id = 'anna') => join(dir, `${id}.series`)
  const points = async (span: 'hour' | 'day' = 'hour', atMs = nowMs, from = series) =>
    (await from.read('anna', span, atMs)).points

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'series-')), 'series')
    series = createSeries({ log, dir })
  })
  afterEach(() => rmSync(join(dir, '..'), { recursive: true }))

  it('keeps an hour in steps of 10 s and a day in steps of 5 min, each the mean of its points', async () => {
    for (const [second, load1] of [
      [0, 1],
      [4, 3],
      [10, 8],
    ] as const)
      series.add('anna', { atMs: nowMs + second * 1_000, load1, slots: 2 })
    expect(await points('hour', nowMs + 11_000)).toEqual([
      { atMs: nowMs, load1: 2, slots: 2 },
      { atMs: nowMs + 10_000, load1: 8, slots: 2 },
    ])
    expect(await points('day', nowMs + 11_000)).toEqual([{ atMs: nowMs, load1: 4, slots: 2 }])
  })

  it('has a trend of half minutes over CPUs, the latest last, and -1 where nothing was heard', async () => {
    const startMs = nowMs - 90_000
    for (const [second, load1] of [
      // An hour before, in the place of the step in between.
      [-3_570, 8],
      [-900, 8],
      [0, 4],
      [11, 8],
      [60, 8],
    ] as const)
      series.add('anna', { atMs: startMs + second * 1_000, load1 })
    await points()
    expect(series.trend('anna', 4, startMs + 60_500).slice(-4)).toEqual([-1, 1.5, -1, 2])
    expect(series.trend('anna', 4, startMs + 90_000).slice(-2)).toEqual([2, -1])
    expect(series.trend('anna', 4, startMs + 60_500).filter((load) => load >= 0)).toHaveLength(2)
    expect(series.trend('anna', 4, startMs)).toHaveLength(30)
    expect(series.trend('otto', 4, startMs)).toEqual(Array.from({ length: 30 }, () => -1))
  })

  it('has its trend again after a restart', async () => {
    series.add('anna', { atMs: nowMs, load1: 2 })
    await series.flush()
    const next = createSeries({ log, dir })
    next.add('anna', { atMs: nowMs + 30_000, load1: 4 })
    await points('hour', nowMs, next)
    expect(next.trend('anna', 2, nowMs + 30_000).slice(-2)).toEqual([1, 2])
  })

  it('forgets what is older than its span, and leaves gaps out', async () => {
    for (let minute = 0; minute <= 25 * 60; minute += 5)
      series.add('anna', { atMs: nowMs + minute * minuteMs, load1: minute })
    const endMs = nowMs + 25 * 60 * minuteMs
    expect(await points('hour', endMs)).toHaveLength(12)
    const day = await points('day', endMs)
    expect(day).toHaveLength(288)
    expect(day[0]?.atMs).toBe(endMs - 287 * 5 * minuteMs)
    expect(await points('hour', endMs + 2 * 60 * minuteMs)).toEqual([])
  })

  it('is there again after a restart, from one small file that its owner alone can read', async () => {
    series.add('anna', { atMs: nowMs, storeFreeBytes: 2 ** 40, latencyMs: 3, memoryUsed: 0.5 })
    await series.flush()
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(file()).size).toBeLessThan(20_000)
    const next = createSeries({ log, dir })
    next.add('anna', { atMs: nowMs + 10_000, load1: 1 })
    expect(await points('hour', nowMs + 10_000, next)).toEqual([
      { atMs: nowMs, storeFreeBytes: 2 ** 40, latencyMs: 3, memoryUsed: 0.5 },
      { atMs: nowMs + 10_000, load1: 1 },
    ])
  })

  it('leaves the file of a later version as it is', async () => {
    series.add('anna', { atMs: nowMs, load1: 1 })
    await series.flush()
    const later = Buffer.from('MWS9 and whatever it holds')
    writeFileSync(file(), later)
    const next = createSeries({ log, dir })
    next.add('anna', { atMs: nowMs, load1: 2 })
    await next.flush()
    expect(readFileSync(file())).toEqual(later)
    expect(await points('hour', nowMs, next)).toEqual([{ atMs: nowMs, load1: 2 }])
  })

  it('writes by itself now and then, and not with each point', async () => {
    const often = createSeries({ log, dir, writeEveryMs: 30 })
    await until('it is on disk', async () => {
      often.add('anna', { atMs: nowMs, load1: 1 })
      return existsSync(file())
    })
    series.add('otto', { atMs: nowMs, load1: 1 })
    await series.read('otto', 'hour', nowMs)
    expect(existsSync(file('otto'))).toBe(false)
  })

  it('drops what lies in the future when the clock was set back', async () => {
    series.add('anna', { atMs: nowMs + 60 * minuteMs, load1: 9 })
    expect(await points('hour')).toEqual([])
    series.add('anna', { atMs: nowMs, load1: 1 })
    expect(await points('hour', nowMs + 50 * minuteMs)).toEqual([{ atMs: nowMs, load1: 1 }])
  })

  it('forgets builders that are no more, on disk too', async () => {
    for (const id of ['anna', 'otto']) series.add(id, { atMs: nowMs, load1: 1 })
    await series.flush()
    writeFileSync(join(dir, 'ghost.series'), '')
    await series.keepOnly(['otto'])
    await series.flush()
    expect(readdirSync(dir)).toEqual(['otto.series'])
    expect(await points()).toEqual([])
  })

  it('begins anew where the file is damaged, cut, too long or something else', async () => {
    series.add('anna', { atMs: nowMs, load1: 1 })
    await series.flush()
    const whole = readFileSync(file())
    const damaged = fc.oneof(
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
      fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const copy = Buffer.from(whole)
        copy[at] = (copy[at] ?? 0) ^ by
        return copy
      }),
      fc.uint8Array({ maxLength: 64 }).map((more) => Buffer.concat([whole, more, Buffer.of(0)])),
      fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        writeFileSync(file(), bytes)
        const next = createSeries({ log, dir })
        expect(await points('hour', nowMs, next)).toEqual([])
        next.add('anna', { atMs: nowMs, load1: 7 })
        expect(await points('hour', nowMs, next)).toEqual([{ atMs: nowMs, load1: 7 }])
      }),
      { numRuns: 300 },
    )
  })

  it('tells no point that it was not given, whatever is added and whenever', async () => {
    const point: fc.Arbitrary<SeriesPoint> = fc.record(
      { atMs: fc.double(), load1: fc.double(), slots: fc.nat(9), storeFreeBytes: fc.double() },
      { requiredKeys: ['atMs'] },
    )
    const near = fc
      .tuple(point, fc.integer({ min: -5e6, max: 5e6 }))
      .map(([one, by]) => ({ ...one, atMs: nowMs + by }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(point, near), { maxLength: 40 }), async (added) => {
        const one = createSeries({ log, dir: join(dir, 'none') })
        for (const each of added) one.add('anna', each)
        const told = await points('hour', nowMs, one)
        expect(told.length).toBeLessThanOrEqual(360)
        for (const { atMs } of told) {
          expect(atMs <= nowMs && atMs > nowMs - 3_600_000).toBe(true)
          expect(added.some((each) => Math.floor(each.atMs / 10_000) * 10_000 === atMs)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
