import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HealthView } from '../../contract/health'
import { createHealthSink } from '../../main/health-sink'
import { createStore } from '../../main/store'
import { aBuilder } from '../fixtures/builder'
import { emptyState } from '../fixtures/state'

const ready: HealthView = { state: 'ready', since: '2026-11-24T00:00:00.000Z', trend: [] }
const busier: HealthView = { ...ready, trend: [1] }
const gone: HealthView = { ...ready, state: 'unreachable', failure: { code: 'TIMED_OUT', facts: {} } }

describe('health in the store', () => {
  const stopping = new AbortController()
  const open = () => {
    const store = createStore({
      ...emptyState,
      builders: ['anna', 'otto'].map((id) => aBuilder('anna', { id })),
    })
    let updates = 0
    store.subscribe(() => updates++)
    return { store, show: createHealthSink(store, stopping.signal), updates: () => updates }
  }
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('shows another state at once, and samples of many together within a second', () => {
    const { store, show, updates } = open()
    show('anna', ready)
    show('otto', ready)
    expect(updates()).toBe(2)
    show('anna', busier)
    show('otto', busier)
    expect(updates()).toBe(2)
    vi.advanceTimersByTime(1_000)
    expect(updates()).toBe(3)
    expect(store.state().health).toEqual({ anna: busier, otto: busier })
    show('otto', gone)
    expect(store.snapshot().builders.map(({ state }) => state)).toEqual(['ready', 'unreachable'])
  })

  it('leaves the builders themselves as they were', () => {
    const { store, show } = open()
    const { builders } = store.state()
    show('anna', gone)
    expect(store.state().builders).toBe(builders)
  })

  it('drops what is not watched any more, also what was still waiting', () => {
    const { store, show } = open()
    show('anna', ready)
    show('anna', busier)
    show('anna', undefined)
    vi.advanceTimersByTime(1_000)
    expect(store.state().health).toEqual({})
  })
})
