import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decideSuspension,
  type ManualOverride,
  memoryMs,
  notSuspended,
  type Observation,
  type Suspension,
} from '../../../core/health/suspension'
import { thousand } from '../../fixtures/arbitraries'

const answered: Observation = { outcome: 'answered' }
const lost: Observation = { outcome: 'failed', code: 'CONNECTION_LOST' }
const silent: Observation = { outcome: 'failed', code: 'TIMED_OUT' }
const observation = fc.constantFrom(answered, lost, silent, { outcome: 'unknown' } as const)
const override = fc.constantFrom<ManualOverride>('none', 'paused', 'resumed', 'never-suspend')
const past: fc.Arbitrary<Suspension> = fc.record({
  failuresInRow: fc.nat(20),
  lossesMs: fc.array(fc.nat(1_000_000), { maxLength: 20 }),
})
const on = { isOn: true, override: 'none' } as const
const off = { isOn: false, override: 'none' } as const

/** Plays probes one after another, as often as the reducer asks, and returns when it switched. */
function play(script: readonly Observation[]) {
  let suspension = notSuspended
  let isOn = true
  let nowMs = 0
  const switches: { readonly act: string; readonly at: number }[] = []
  for (const seen of script) {
    const decision = decideSuspension(suspension, { isOn, override: 'none' }, seen, nowMs)
    if (decision.act !== 'wait') {
      isOn = decision.act === 'reinstate'
      switches.push({ act: decision.act, at: nowMs })
    }
    suspension = decision.suspension
    nowMs += decision.nextProbeMs
  }
  return switches
}

describe('suspending by itself', () => {
  it('suspends at once one that hangs, refuses or cannot be reached', () => {
    expect(decideSuspension(notSuspended, on, silent, 0).act).toBe('suspend')
  })

  it('probes again at once when a connection broke, and suspends if that fails too', () => {
    const first = decideSuspension(notSuspended, on, lost, 0)
    expect(first).toMatchObject({ act: 'wait', nextProbeMs: 0 })
    expect(decideSuspension(first.suspension, on, lost, 0).act).toBe('suspend')
    expect(decideSuspension(first.suspension, on, answered, 0)).toMatchObject({ act: 'wait' })
  })

  it('probes ever more rarely one that is never suspended and does not answer', () => {
    const neverSuspend = { isOn: true, override: 'never-suspend' } as const
    const nextProbeMs = (failuresInRow: number) =>
      decideSuspension({ failuresInRow, lossesMs: [] }, neverSuspend, silent, 0).nextProbeMs
    expect([0, 1, 2, 9].map(nextProbeMs)).toEqual([2_000, 4_000, 8_000, 30_000])
  })

  it('reinstates one at its first answer after its first loss, and after 15 s of answers after its second', () => {
    const losses = [0, 1]
    expect(decideSuspension({ failuresInRow: 3, lossesMs: [0] }, off, answered, 9).act).toBe('reinstate')
    const again = decideSuspension({ failuresInRow: 3, lossesMs: losses }, off, answered, 1000)
    expect(again).toMatchObject({ act: 'wait', nextProbeMs: 5000 })
    expect(decideSuspension(again.suspension, off, answered, 15_999).act).toBe('wait')
    expect(decideSuspension(again.suspension, off, answered, 16_000).act).toBe('reinstate')
  })

  it('never acts on a builder that the person paused, and never suspends one that they resumed or keep on', () => {
    fc.assert(
      fc.property(past, observation, fc.boolean(), fc.nat(2_000_000), (before, seen, isOn, nowMs) => {
        expect(decideSuspension(before, { isOn, override: 'paused' }, seen, nowMs).act).toBe('wait')
        expect(decideSuspension(before, { isOn, override: 'resumed' }, seen, nowMs).act).not.toBe('suspend')
        expect(decideSuspension(before, { isOn, override: 'never-suspend' }, seen, nowMs).act).not.toBe(
          'suspend',
        )
      }),
      thousand,
    )
  })

  it('suspends only on a failure and only what is on; reinstates only on an answer and only what is off', () => {
    fc.assert(
      fc.property(
        past,
        observation,
        override,
        fc.boolean(),
        fc.nat(2_000_000),
        (before, seen, wanted, isOn, nowMs) => {
          const { act } = decideSuspension(before, { isOn, override: wanted }, seen, nowMs)
          if (act === 'suspend') expect([seen.outcome, isOn]).toEqual(['failed', true])
          if (act === 'reinstate') expect([seen.outcome, isOn]).toEqual(['answered', false])
        },
      ),
      thousand,
    )
  })

  it('reinstates no builder more than eight times in ten minutes, however it flaps', () => {
    const script = fc.array(observation, { minLength: 50, maxLength: 400 })
    fc.assert(
      fc.property(script, (seen) => {
        const back = play(seen).filter(({ act }) => act === 'reinstate')
        for (const { at } of back) {
          const within = back.filter((other) => other.at >= at && other.at < at + memoryMs)
          expect(within.length).toBeLessThanOrEqual(8)
        }
      }),
      thousand,
    )
  })

  it('reinstates one in the end when it goes on answering', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 60 }), (seen) => {
        const answers = Array.from({ length: 100 }, () => answered)
        const switches = play([...seen, ...answers])
        expect(switches.at(-1)?.act ?? 'reinstate').toBe('reinstate')
      }),
      thousand,
    )
  })

  it('is not held up for long by a clock that was set back', () => {
    const before = { failuresInRow: 0, answeringSinceMs: 9e9, lossesMs: [8e9, 9e9] }
    expect(decideSuspension(before, off, answered, 1000).act).toBe('reinstate')
  })
})
