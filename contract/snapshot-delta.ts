import type { BuilderView, Snapshot } from './snapshot'

/** What became of the fields of a thing: those with another value now, and those that are no more. */
export interface Patch<T> {
  readonly set: Partial<T>
  readonly gone: readonly (keyof T)[]
}

/** How one snapshot becomes a later one. All of it may be 1.5 MB with 500 builders; this is what changed of it. */
export interface SnapshotDelta {
  /** The revision it starts from; of use to nobody who has another one. */
  readonly from: number
  readonly revision: number
  readonly parts: Patch<Omit<Snapshot, 'revision' | 'builders'>>
  /** Builders that changed, and new ones whole. */
  readonly builders: readonly (Patch<BuilderView> & { readonly id: string })[]
  /** The ids of all builders, when one came, went or moved. */
  readonly order?: readonly string[]
}

/**
 * A SnapshotDelta as JSON, on its way to the window. The bridge into the page copies an object value by value, which
 * takes tens of ms when 500 builders have changed; text it copies at once.
 */
export type DeltaText = string
