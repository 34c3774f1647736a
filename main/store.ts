import type { HealthView } from '../contract/health'
import type { BuilderView, Snapshot } from '../contract/snapshot'
import { mergeHealth } from '../core/health/merge-health'

/** What is known, in parts that change at different paces: samples come often and touch nothing but `health`. */
export interface State extends Omit<Snapshot, 'revision'> {
  /** As read from the system, without health. */
  readonly builders: readonly BuilderView[]
  /** By the builder's id; one that is not watched has none. */
  readonly health: Readonly<Record<string, HealthView>>
}

/** The one copy of what is known; window, tray and terminal are functions of its snapshot. */
export interface Store {
  state(): State
  /** The state as shown: each builder with how it does. What did not change is the same object as before. */
  snapshot(): Snapshot
  /** Merges a patch, or replaces the state by what the function makes of it. */
  update(change: Partial<State> | ((state: State) => State)): void
  /** Told of each change, at once and in order; cheap only for listeners that wait before they look. */
  subscribe(listener: () => void): () => void
}

/** A store whose revision grows by one with each update. */
export function createStore(initial: State): Store {
  let state = initial
  let revision = 0
  let shown: Snapshot | undefined
  const seen = new WeakMap<BuilderView, BuilderView>()
  const listeners = new Set<() => void>()

  const show = (builder: BuilderView): BuilderView => {
    const health = state.health[builder.id]
    if (!health) return builder
    const before = seen.get(builder)
    if (before?.health === health) return before
    const merged = mergeHealth(builder, health)
    seen.set(builder, merged)
    return merged
  }
  return {
    state: () => state,
    snapshot: () => {
      if (shown?.revision === revision) return shown
      const { health: _, ...rest } = state
      shown = { ...rest, builders: state.builders.map(show), revision }
      return shown
    },
    update(change) {
      state = typeof change === 'function' ? change(state) : { ...state, ...change }
      revision++
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
