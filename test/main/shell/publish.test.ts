import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Snapshot } from '../../../contract/snapshot'
import type { SnapshotDelta } from '../../../contract/snapshot-delta'
import { applyDelta } from '../../../core/sync/snapshot-delta'
import { publish } from '../../../main/shell/publish'
import { createStore } from '../../../main/store'
import { aSnapshot } from '../../fixtures/snapshot'

describe('publishing to the window', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A window that has asked for the whole, and applies what it is sent. */
  function world() {
    const store = createStore({ ...aSnapshot(), health: {}, answers: {}, slots: undefined })
    const audience = { watching: true, seen: [] as SnapshotDelta[], has: undefined as Snapshot | undefined }
    const published = publish(store, {
      isWatching: () => audience.watching,
      send: (delta) => {
        audience.seen.push(delta)
        audience.has = audience.has && applyDelta(audience.has, delta)
      },
    })
    const ask = () => {
      audience.has = published.whole()
    }
    return { store, audience, published, ask }
  }

  it('sends at most ten a second, and the last state in any case', () => {
    const { store, audience, ask } = world()
    ask()
    for (let change = 0; change < 1000; change++) {
      store.update({ appVersion: String(change) })
      vi.advanceTimersByTime(1)
    }
    expect(audience.seen.length).toBeGreaterThanOrEqual(9)
    expect(audience.seen.length).toBeLessThanOrEqual(11)
    store.update({ appVersion: 'last' })
    vi.advanceTimersByTime(100)
    expect(audience.has).toEqual(store.snapshot())
  })

  it('sends a first change without delay', () => {
    const { store, audience, ask } = world()
    ask()
    store.update({ appVersion: 'next' })
    vi.advanceTimersByTime(1)
    expect(audience.seen).toMatchObject([{ parts: { set: { appVersion: 'next' } } }])
  })

  it('sends nothing before the window has asked, or where nothing changed', () => {
    const { store, audience, ask } = world()
    store.update({ appVersion: 'early' })
    vi.advanceTimersByTime(1000)
    ask()
    store.update({})
    vi.advanceTimersByTime(1000)
    expect(audience.seen).toEqual([])
    expect(audience.has?.appVersion).toBe('early')
  })

  it('sends nothing to a window that nobody sees, and all it has missed when it shows', () => {
    const { store, audience, published, ask } = world()
    ask()
    audience.watching = false
    store.update({ appVersion: 'unseen' })
    vi.advanceTimersByTime(1000)
    store.update({ tray: 'absent' })
    expect(audience.seen).toEqual([])
    audience.watching = true
    published.refresh()
    vi.advanceTimersByTime(1)
    expect(audience.seen).toHaveLength(1)
    expect(audience.has).toEqual(store.snapshot())
  })

  it('goes on from the answer when a window that was loaded anew asks again', () => {
    const { store, audience, ask } = world()
    ask()
    store.update({ appVersion: 'first' })
    vi.advanceTimersByTime(100)
    store.update({ appVersion: 'second' })
    ask()
    store.update({ tray: 'absent' })
    vi.advanceTimersByTime(100)
    expect(audience.has).toEqual(store.snapshot())
  })

  it('says no more once stopped', () => {
    const { store, audience, published, ask } = world()
    ask()
    store.update({ appVersion: 'next' })
    published.stop()
    store.update({ appVersion: 'later' })
    vi.advanceTimersByTime(1000)
    expect(audience.seen).toEqual([])
  })
})
