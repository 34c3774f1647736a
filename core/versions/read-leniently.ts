import * as v from 'valibot'
import { isRecord } from './with-change'

/**
 * As much of a value as its schema understands, on top of the defaults: a field that is missing, unknown or does not
 * fit is as in these, and takes no other field with it.
 */
export function readLeniently<T extends object>(
  schema: v.GenericSchema<unknown, T>,
  defaults: T,
  raw: unknown,
): T {
  const whole = v.safeParse(schema, raw)
  if (whole.success) return whole.output
  let read: unknown = defaults
  const take = (parts: unknown, change: (value: unknown) => unknown, known: unknown) => {
    for (const [name, value] of isRecord(parts) ? Object.entries(parts) : []) {
      const inner = isRecord(known) ? known[name] : undefined
      const set = (to: unknown) => change({ [name]: to })
      const tried = v.safeParse(schema, overlay(read, set(value)))
      if (tried.success) read = tried.output
      else if (isRecord(inner)) take(value, set, inner)
    }
  }
  take(raw, (value) => value, defaults)
  return v.parse(schema, read)
}

/** Objects laid over each other, all the way down. */
function overlay(below: unknown, above: unknown): unknown {
  if (!isRecord(below) || !isRecord(above)) return above
  const names = [...new Set([...Object.keys(below), ...Object.keys(above)])]
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(above, name) ? overlay(below[name], above[name]) : below[name]]),
  )
}
