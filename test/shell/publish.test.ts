import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Snapshot } from '../../contract/snapshot'
import { publish } from '../../main/shell/publish'
import { createStore } from '../../main/store'
import { snapshotWith } from './snapshots'

describe('publishing to the window', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function world() {
    const store = createStore({ ...snapshotWith(), health: {} })
    const audience = { watching: true, seen: [] as Snapshot[] }
    const published = publish(store, {
      isWatching: () => audience.watching,
      send: (snapshot) => audience.seen.push(snapshot),
    })
    return { store, audience, published }
  }

  it('sends at most ten a second, and the last state in any case', () => {
    const { store, audience } = world()
    for (let change = 0; change < 1000; change++) {
      store.update({})
      vi.advanceTimersByTime(1)
    }
    expect(audience.seen.length).toBeGreaterThanOrEqual(9)
    expect(audience.seen.length).toBeLessThanOrEqual(11)
    store.update({ appVersion: 'last' })
    vi.advanceTimersByTime(100)
    expect(audience.seen.at(-1)?.appVersion).toBe('last')
  })

  it('sends a first change without delay', () => {
    const { store, audience } = world()
    store.update({})
    vi.advanceTimersByTime(1)
    expect(audience.seen).toHaveLength(1)
  })

  it('sends nothing to a window that nobody sees, and the newest state when it shows', () => {
    const { store, audience, published } = world()
    audience.watching = false
    store.update({ appVersion: 'unseen' })
    vi.advanceTimersByTime(1000)
    expect(audience.seen).toEqual([])
    audience.watching = true
    published.refresh()
    vi.advanceTimersByTime(1)
    expect(audience.seen.map(({ appVersion }) => appVersion)).toEqual(['unseen'])
  })

  it('says no more once stopped', () => {
    const { store, audience, published } = world()
    store.update({})
    published.stop()
    store.update({})
    vi.advanceTimersByTime(1000)
    expect(audience.seen).toEqual([])
  })
})
