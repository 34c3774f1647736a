import { isDeepEqual } from '../sync/structural-sharing'

/** An object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Makes to `kept` the change that leads from `before` to `after`, which hold only what this program knows of it: what
 * it does not know stays, in lists too as long as their entry has not changed.
 */
export function withChange(kept: unknown, before: unknown, after: unknown): unknown {
  if (kept !== undefined && isDeepEqual(before, after)) return kept
  if (Array.isArray(kept) && Array.isArray(before) && Array.isArray(after)) {
    const entries: readonly unknown[] = kept
    return after.map((entry) => {
      const at = before.findIndex((one) => isDeepEqual(one, entry))
      return at < 0 || kept.length !== before.length ? entry : entries[at]
    })
  }
  if (!isRecord(kept) || !isRecord(before) || !isRecord(after)) return after
  const names = [...new Set([...Object.keys(kept), ...Object.keys(after)])]
  const isThere = (of: Readonly<Record<string, unknown>>, name: string) =>
    Object.hasOwn(of, name) && of[name] !== undefined
  return Object.fromEntries(
    names
      .filter((name) => isThere(after, name) || !isThere(before, name))
      .map((name) => [
        name,
        isThere(after, name) ? withChange(kept[name], before[name], after[name]) : kept[name],
      ]),
  )
}
