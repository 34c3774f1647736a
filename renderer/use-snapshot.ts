import { useSyncExternalStore } from 'react'
import type { MillwrightApi } from '../contract/commands'
import type { Snapshot } from '../contract/snapshot'
import { keepSame } from './keep-same'

export interface SnapshotStore {
  readonly get: () => Snapshot | undefined
  readonly subscribe: (listener: () => void) => () => void
}

/**
 * The newest snapshot the app has sent. It subscribes first, then asks, and keeps the higher revision, so
 * that a change between question and answer is never lost.
 */
export function createSnapshotStore(api: Pick<MillwrightApi, 'call' | 'onSnapshot'>): SnapshotStore {
  let current: Snapshot | undefined
  const listeners = new Set<() => void>()
  const take = (next: Snapshot) => {
    if (current && next.revision <= current.revision) return
    current = keepSame(current, next)
    for (const listener of listeners) listener()
  }
  api.onSnapshot(take)
  void api.call('get-snapshot', {}).then((reply) => reply.ok && take(reply.value))
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
