import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pauseFor, pauseLeftMs } from '../../../core/health/pause'
import { thousand } from '../../fixtures/arbitraries'

const nowMs = Date.parse('2026-03-01T12:00:00Z')

describe('a pause', () => {
  it('is due when its time has come', () => {
    const pause = pauseFor(60_000, nowMs)
    expect(pause.until).toBe('2026-03-01T12:01:00.000Z')
    expect(pauseLeftMs(pause, nowMs + 59_999)).toBe(1)
    expect(pauseLeftMs(pause, nowMs + 60_000)).toBe(0)
  })

  it('is never longer than it was asked to be, wherever the clock jumps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60_000, max: 2_678_400_000 }),
        fc.integer({ min: -1e12, max: 1e12 }),
        (forMs, jumpMs) => {
          const leftMs = pauseLeftMs(pauseFor(forMs, nowMs), nowMs + jumpMs)
          expect(leftMs).toBeGreaterThanOrEqual(0)
          expect(leftMs).toBeLessThanOrEqual(forMs)
        },
      ),
      thousand,
    )
  })
})
