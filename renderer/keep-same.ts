/**
 * `next`, but with every part that equals the same part of `previous` replaced by that very part. A snapshot
 * crosses a process border whole; with this, what did not change stays identical and is not drawn again.
 */
export function keepSame<T>(previous: unknown, next: T): T {
  if (isEqual(previous, next)) return previous as T
  if (Array.isArray(previous) && Array.isArray(next)) {
    return next.map((item, index) => keepSame(previous[index], item)) as T
  }
  if (isFields(previous) && isFields(next)) {
    const kept = Object.entries(next).map(([name, value]) => [name, keepSame(own(previous, name), value)])
    return Object.fromEntries(kept)
  }
  return next
}

/** Compares without making anything: nearly all of a snapshot is equal, and there may be hundreds of builders. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]))
  }
  if (!isFields(a) || !isFields(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  )
}

type Fields = Readonly<Record<string, unknown>>

const own = (fields: Fields, name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
