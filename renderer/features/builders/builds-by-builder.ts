import type { BuildsView } from '../../../contract/builds'

export interface BuildsThere {
  /** `hello-2.12, openssl-3.4`: what is being built there. */
  readonly names?: string
  /** ISO 8601: when the last build there ended. */
  readonly lastAt?: string
}

/** What each builder has to do with the builds of this computer, as plain text: equal text draws no row anew. */
export function buildsByBuilder({ running, finished }: BuildsView): ReadonlyMap<string, BuildsThere> {
  const found = new Map<string, BuildsThere>()
  for (const { builder, name } of running) {
    if (builder === undefined || name === '') continue
    const names = found.get(builder)?.names
    found.set(builder, { names: names === undefined ? name : `${names}, ${name}` })
  }
  for (const { builder, startedAt, durationMs } of finished) {
    if (builder === undefined) continue
    const there = found.get(builder) ?? {}
    // The latest stands first.
    if (there.lastAt !== undefined) continue
    const lastAt = new Date(Date.parse(startedAt) + durationMs).toISOString()
    found.set(builder, { ...there, lastAt })
  }
  return found
}
