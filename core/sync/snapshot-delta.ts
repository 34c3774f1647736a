import type { BuilderView, Snapshot } from '../../contract/snapshot'
import type { Patch, SnapshotDelta } from '../../contract/snapshot-delta'

/** What changed from one snapshot to a later one, told by identity alone; undefined when that is nothing. */
export function deltaOf(previous: Snapshot, next: Snapshot): SnapshotDelta | undefined {
  const { revision: from, builders: before, ...partsBefore } = previous
  const { revision, builders: after, ...partsAfter } = next
  const parts = patchOf<typeof partsAfter>(partsBefore, partsAfter)
  const builders = before === after ? [] : changedBuilders(before, after)
  const order = hasSameOrder(before, after) ? {} : { order: after.map(({ id }) => id) }
  if (isEmpty(parts) && builders.length === 0 && !order.order) return undefined
  return { from, revision, parts, builders, ...order }
}

/** The later snapshot, in which all that did not change is as it was; undefined when the delta starts elsewhere. */
export function applyDelta(current: Snapshot, delta: SnapshotDelta): Snapshot | undefined {
  if (current.revision !== delta.from) return undefined
  const builders = patchBuilders(current.builders, delta)
  const { revision, parts } = delta
  return builders && { ...patched(current, parts), builders, revision }
}

function changedBuilders(before: readonly BuilderView[], after: readonly BuilderView[]) {
  const known = new Map(before.map((builder) => [builder.id, builder]))
  return after.flatMap((builder) => {
    const { id } = builder
    const previous = known.get(id)
    if (previous === builder) return []
    const patch = patchOf<BuilderView>(previous ?? {}, builder)
    return previous && isEmpty(patch) ? [] : [{ id, ...patch }]
  })
}

function patchBuilders(
  before: readonly BuilderView[],
  { builders, order }: SnapshotDelta,
): readonly BuilderView[] | undefined {
  if (builders.length === 0 && !order) return before
  const byId = new Map(before.map((builder) => [builder.id, builder]))
  // A builder that was not there comes whole.
  for (const { id, ...patch } of builders) byId.set(id, patched(byId.get(id) ?? ({} as BuilderView), patch))
  const after = (order ?? before.map(({ id }) => id)).map((id) => byId.get(id))
  return after.every((builder) => builder !== undefined) ? after : undefined
}

function patchOf<T extends object>(before: Partial<T>, after: T): Patch<T> {
  // The delta travels as JSON, which knows no `undefined`: what has that value is gone.
  const isThere = (of: Partial<T>) => (name: keyof T) => of[name] !== undefined
  const changed = (Object.keys(after) as (keyof T)[])
    .filter(isThere(after))
    .filter((name) => before[name] !== after[name])
  return {
    set: Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<T>,
    gone: (Object.keys(before) as (keyof T)[])
      .filter(isThere(before))
      .filter((name) => after[name] === undefined),
  }
}

function patched<T extends object>(before: T, { set, gone }: Patch<Partial<T>>): T {
  const kept = Object.entries(before).filter(([name]) => !gone.includes(name as keyof T))
  return { ...(Object.fromEntries(kept) as T), ...set }
}

const isEmpty = <T>({ set, gone }: Patch<T>) => Object.keys(set).length === 0 && gone.length === 0

const hasSameOrder = (before: readonly BuilderView[], after: readonly BuilderView[]) =>
  before.length === after.length && before.every(({ id }, index) => id === after[index]?.id)
