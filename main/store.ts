import type { Snapshot } from '../contract/snapshot'

export type State = Omit<Snapshot, 'revision'>

/** The one copy of what is known; window, tray and terminal are functions of its snapshot. */
export interface Store {
  snapshot(): Snapshot
  /** Merges a patch, or replaces the state by what the function makes of it. */
  update(change: Partial<State> | ((state: State) => State)): void
  subscribe(listener: (snapshot: Snapshot) => void): () => void
}

/** A store whose revision grows by one with each update. Listeners hear of it at once, in order. */
export function createStore(initial: State): Store {
  let current: Snapshot = { ...initial, revision: 0 }
  const listeners = new Set<(snapshot: Snapshot) => void>()
  return {
    snapshot: () => current,
    update(change) {
      const { revision, ...state } = current
      const next = typeof change === 'function' ? change(state) : { ...state, ...change }
      current = { ...next, revision: revision + 1 }
      for (const listener of listeners) listener(current)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
