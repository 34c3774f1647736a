import type { HealthView } from '../contract/health'
import type { BuilderView, LineAnswer, Snapshot, UnmanagedBuilder } from '../contract/snapshot'
import { mergeHealth } from '../core/health/merge-health'
import { slotNameOf } from '../core/nix/other-lines'
import { slotsInUse } from '../core/nix/slots'

/** What is known, in parts that change at different paces: samples come often and touch nothing but `health`. */
export interface State extends Omit<Snapshot, 'revision'> {
  /** As read from the system, without health and slots. */
  readonly builders: readonly BuilderView[]
  /** By the builder's id; one that is not watched has none. */
  readonly health: Readonly<Record<string, HealthView>>
  /** How root's handshakes with builders of others went, by the key of the line. */
  readonly answers: Readonly<Record<string, LineAnswer>>
  /** Slots in use by `slotName`, counted on this computer; undefined where they cannot be read. */
  readonly slots: Readonly<Record<string, number>> | undefined
}

/** The one copy of what is known; window, tray and terminal are functions of its snapshot. */
export interface Store {
  state(): State
  /** The state as shown: each builder with how it does and its slots in use. What did not change is the same object as before. */
  snapshot(): Snapshot
  /** Merges a patch, or replaces the state by what the function makes of it. */
  update(change: Partial<State> | ((state: State) => State)): void
  /** Called after each change, at once and in order; cheap only for listeners that wait before they read. */
  subscribe(listener: () => void): () => void
}

/** A builder as shown, and of what it was made. */
interface Merged {
  readonly health: HealthView | undefined
  readonly slots: State['slots']
  readonly view: BuilderView
}

function merge(
  builder: BuilderView,
  health: HealthView | undefined,
  runningBuilds: number | undefined,
): BuilderView {
  const shown = health ? mergeHealth(builder, health) : builder
  return runningBuilds === undefined ? shown : { ...shown, runningBuilds }
}

function showUnmanaged({ unmanaged, slots, answers }: State): readonly UnmanagedBuilder[] {
  return unmanaged.map((one) => {
    const running = slots && one.machine && (slots[slotNameOf(one.machine)] ?? 0)
    const answer = one.key === undefined ? undefined : answers[one.key]
    return {
      ...one,
      ...(running === undefined ? {} : { runningBuilds: running }),
      ...(answer ? { answer } : {}),
    }
  })
}

/** A store whose revision grows by one with each update. */
export function createStore(initial: State): Store {
  let state = initial
  let revision = 0
  let shown: Snapshot | undefined
  const seen = new WeakMap<BuilderView, Merged>()
  let others = { of: state.unmanaged, slots: state.slots, answers: state.answers, view: state.unmanaged }
  const listeners = new Set<() => void>()

  const show = (builder: BuilderView): BuilderView => {
    const { slots } = state
    const health = state.health[builder.id]
    const before = seen.get(builder)
    if (before && before.health === health && before.slots === slots) return before.view
    const count = slotsInUse(builder, slots)
    const isSame = before && before.health === health && before.view.runningBuilds === count
    const view = isSame ? before.view : merge(builder, health, count)
    seen.set(builder, { health, slots, view })
    return view
  }
  return {
    state: () => state,
    snapshot: () => {
      if (shown?.revision === revision) return shown
      const { health: _, slots, answers, ...rest } = state
      const isSame = others.of === state.unmanaged && others.slots === slots && others.answers === answers
      if (!isSame) others = { of: state.unmanaged, slots, answers, view: showUnmanaged(state) }
      const unmanaged = others.view
      shown = { ...rest, builders: state.builders.map(show), unmanaged, revision }
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
