import { describe, expect, it } from 'vitest'
import { createReadings } from '../../core/sync/readings'
import { applyReading, substituterPart } from '../../main/apply-reading'
import type { State } from '../../main/store'
import type { SystemReading } from '../../main/usecases/status/read-system'
import { aBuilder } from '../fixtures/builder'
import { emptyState } from '../fixtures/state'

const on = { me: true, everyone: false, inForce: true }
const before: State = { ...emptyState, builders: [aBuilder('anna'), aBuilder('otto')] }
const seenOf = (more: Partial<SystemReading> = {}): SystemReading => {
  const {
    appVersion: _,
    platform: __,
    tray: ___,
    jobs: ____,
    health: _____,
    builds: ______,
    ...seen
  } = before
  return { ...seen, ...more }
}

describe('a reading of the system', () => {
  it('does not put back what was set after it began', () => {
    const begin = createReadings()
    const refresh = begin()
    const now = { ...before, modes: { ...before.modes, remoteOnly: on } }
    expect(begin()('modes')).toBe(true)
    expect(applyReading(now, seenOf(), refresh).modes.remoteOnly).toEqual(on)
  })

  it('outweighs what was set before it began, and what began before it and ends later', () => {
    const begin = createReadings()
    const early = begin()
    const refresh = begin()
    const now = { ...before, modes: { ...before.modes, remoteOnly: on } }
    expect(applyReading(now, seenOf(), refresh).modes).toEqual(before.modes)
    expect(early('modes')).toBe(false)
    expect(begin()('modes')).toBe(true)
  })

  it('leaves alone of each builder what was set alone meanwhile, and brings the rest', () => {
    const begin = createReadings()
    const refresh = begin()
    const mine = { offered: true, me: true, everyone: false }
    begin()(substituterPart('anna'))
    const now = { ...before, builders: [aBuilder('anna', { substituter: mine }), aBuilder('otto')] }
    const seen = seenOf({ builders: [aBuilder('anna', { maxJobs: 1 }), aBuilder('otto', { maxJobs: 2 })] })
    expect(applyReading(now, seen, refresh).builders).toEqual([
      aBuilder('anna', { maxJobs: 1, substituter: mine }),
      aBuilder('otto', { maxJobs: 2 }),
    ])
  })

  it('drops what is no more, and keeps what is equal the same object', () => {
    const begin = createReadings()
    const now: State = { ...before, nixFailure: { code: 'LOCAL_WITHOUT_NIX', facts: {} } }
    const next = applyReading(now, seenOf({ builders: [aBuilder('anna')] }), begin())
    expect('nixFailure' in next).toBe(false)
    expect(next.builders).toHaveLength(1)
    expect(next.builders[0]).toBe(before.builders[0])
    expect(next.modes).toBe(before.modes)
  })
})
