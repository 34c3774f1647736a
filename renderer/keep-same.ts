/**
 * `next`, but with every part that equals the same part of `previous` replaced by that very part. A snapshot
 * crosses a process border whole; with this, what did not change stays identical and is not drawn again.
 */
export function keepSame<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next
  if (Array.isArray(previous) && Array.isArray(next)) return keepSameItems(previous, next) as T
  if (isRecord(previous) && isRecord(next)) return keepSameFields(previous, next) as T
  return next
}

function keepSameItems(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const kept = next.map((item, index) => keepSame(previous[index], item))
  return kept.length === previous.length && kept.every((item, index) => item === previous[index])
    ? previous
    : kept
}

type Fields = Readonly<Record<string, unknown>>

function keepSameFields(previous: Fields, next: Fields): Fields {
  const names = Object.keys(next)
  const kept = Object.fromEntries(names.map((name) => [name, keepSame(previous[name], next[name])]))
  const same =
    names.length === Object.keys(previous).length &&
    names.every((name) => name in previous && kept[name] === previous[name])
  return same ? previous : kept
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
