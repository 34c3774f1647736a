import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Backoff, backoffMs, longestBackoffMs } from '../../../core/health/backoff'
import { thousand } from '../../fixtures/arbitraries'

const backoff = fc.constantFrom<Backoff>('probe', 'root-probe', 'handshake', 'reinstatement')

it('doubles from the first delay up to the longest', () => {
  expect([1, 2, 3, 4, 5, 9, 5_000].map((failures) => backoffMs('probe', failures))).toEqual([
    2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ])
})

it('is nothing before the first failure', () => {
  fc.assert(fc.property(backoff, fc.integer({ max: 0 }), (of, failures) => backoffMs(of, failures) === 0))
})

it('is never shorter after more failures, and never longer than the longest', () => {
  fc.assert(
    fc.property(backoff, fc.nat(2_000), fc.nat(60), (of, failures, more) => {
      const ms = backoffMs(of, failures + more)
      expect(ms).toBeGreaterThanOrEqual(backoffMs(of, failures))
      expect(ms).toBeLessThanOrEqual(longestBackoffMs(of))
    }),
    thousand,
  )
})
