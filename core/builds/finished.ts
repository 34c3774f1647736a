import type { FinishedBuild } from '../../contract/builds'

/** How many are kept; a few hundred tell how long things take. */
export const keptBuilds = 200
const consideredBuilds = 10

/** A name without what changes from one version to the next: `hello-2.12` is `hello` (Nix's own parseDrvName). */
export function nameWithoutVersion(name: string): string {
  return /^(.+?)-[^a-zA-Z]/.exec(name)?.[1] ?? name
}

/**
 * How long a build of this name is likely to take, by the middle of its last durations; on the same builder where
 * enough ran there. Nothing for what was built fewer than two times.
 */
export function expectedMs(
  finished: readonly FinishedBuild[],
  { name, builder }: Pick<FinishedBuild, 'name' | 'builder'>,
): number | undefined {
  if (name === '') return undefined
  const stem = nameWithoutVersion(name)
  const alike = finished.filter((one) => one.outcome === 'built' && nameWithoutVersion(one.name) === stem)
  const there = alike.filter((one) => one.builder === builder)
  const past = (there.length >= 2 ? there : alike).slice(0, consideredBuilds)
  if (past.length < 2) return undefined
  const sorted = past.map(({ durationMs }) => durationMs).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 ? upper : Math.round(((sorted[middle - 1] ?? 0) + upper) / 2)
}
