import type { Snapshot } from '../contract/snapshot'

export type State = Omit<Snapshot, 'revision'>

/** The one copy of what is known; window, tray and terminal are functions of its snapshot. */
export interface Store {
  snapshot(): Snapshot
  update(patch: Partial<State> | ((state: State) => Partial<State>)): void
  subscribe(listener: (snapshot: Snapshot) => void): () => void
}

/** A store whose revision grows by one with each update. Listeners hear of it at once, in order. */
export function createStore(initial: State): Store {
  let current: Snapshot = { ...initial, revision: 0 }
  const listeners = new Set<(snapshot: Snapshot) => void>()
  return {
    snapshot: () => current,
    update(patch) {
      const change = typeof patch === 'function' ? patch(current) : patch
      current = { ...current, ...change, revision: current.revision + 1 }
      for (const listener of listeners) listener(current)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
