import { useSyncExternalStore } from 'react'
import type { MillwrightApi } from '../../contract/api'
import type { Snapshot } from '../../contract/snapshot'
import type { SnapshotDelta } from '../../contract/snapshot-delta'
import { applyDelta } from '../../core/sync/snapshot-delta'

export interface SnapshotStore {
  readonly get: () => Snapshot | undefined
  readonly subscribe: (listener: () => void) => () => void
}

/**
 * The newest snapshot the app has sent: it asks for the whole once, then applies what changes. Changes that come while
 * it asks wait for the answer, and one that does not follow on what is here makes it ask again.
 */
export function createSnapshotStore(api: Pick<MillwrightApi, 'call' | 'onDelta'>): SnapshotStore {
  let current: Snapshot | undefined
  let waiting: SnapshotDelta[] | undefined
  const listeners = new Set<() => void>()

  const take = (delta: SnapshotDelta) => {
    if (waiting) return void waiting.push(delta)
    if (current && delta.revision <= current.revision) return
    const next = current && applyDelta(current, delta)
    if (!next) return void ask()
    current = next
    for (const listener of listeners) listener()
  }
  const ask = async () => {
    waiting = []
    const reply = await api.call('get-snapshot', {})
    const since = waiting
    waiting = undefined
    if (!reply.ok) return
    current = reply.value
    for (const listener of listeners) listener()
    for (const delta of since) take(delta)
  }
  api.onDelta((text) => take(JSON.parse(text)))
  void ask()
  return {
    get: () => current,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What to draw; `undefined` until the first snapshot is here. */
export const useSnapshot = (store: SnapshotStore): Snapshot | undefined =>
  useSyncExternalStore(store.subscribe, store.get)
