/**
 * `next`, but with every part that equals the same part of `previous` replaced by that very part. What is read from
 * the system is made anew each time; with this, what did not change stays identical. Of lists of things with an `id`,
 * those with the same one are the same part.
 */
export function shareStructure<T>(previous: unknown, next: T): T {
  if (isDeepEqual(previous, next)) return previous as T
  if (Array.isArray(previous) && Array.isArray(next)) {
    const known = new Map(previous.map((item, index) => [idOf(item) ?? index, item]))
    return next.map((item, index) => shareStructure(known.get(idOf(item) ?? index), item)) as T
  }
  if (isFields(previous) && isFields(next)) {
    const kept = Object.entries(next).map(([name, value]) => [
      name,
      shareStructure(own(previous, name), value),
    ])
    return Object.fromEntries(kept)
  }
  return next
}

/** Compares without making anything: nearly all of a snapshot is equal, and there may be hundreds of builders. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isDeepEqual(item, b[index]))
  }
  if (!isFields(a) || !isFields(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isDeepEqual(a[name], b[name]))
  )
}

type Fields = Readonly<Record<string, unknown>>

const idOf = (item: unknown) => (isFields(item) && typeof item.id === 'string' ? item.id : undefined)
const own = (fields: Fields, name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
