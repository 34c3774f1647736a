import type { MillwrightApi, Navigation } from '../../contract/api'
import { createSnapshotStore, type SnapshotStore } from '../state/use-snapshot'

export interface Connection {
  readonly api: MillwrightApi
  readonly snapshots: SnapshotStore
  /** Hears where the app wants the window to be; at once, if it said so before anybody listened. */
  readonly onNavigate: (listener: (navigation: Navigation) => void) => () => void
}

/** Listens to the app from the first moment, before anything is drawn: a tray's click opens the window *and* says where. */
export function connect(api: MillwrightApi): Connection {
  let waiting: Navigation | undefined
  const listeners = new Set<(navigation: Navigation) => void>()
  api.onNavigate((navigation) => {
    if (listeners.size === 0) waiting = navigation
    for (const listener of listeners) listener(navigation)
  })
  return {
    api,
    snapshots: createSnapshotStore(api),
    onNavigate(listener) {
      listeners.add(listener)
      if (waiting) listener(waiting)
      waiting = undefined
      return () => listeners.delete(listener)
    },
  }
}
