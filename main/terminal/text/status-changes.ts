import type { FinishedBuild, RunningBuild } from '../../../contract/builds'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'

/** What is different between two snapshots. */
export type Change =
  | { readonly builder: BuilderView }
  | { readonly gone: string }
  | { readonly build: RunningBuild; readonly state: 'started' }
  | { readonly build: FinishedBuild; readonly state: 'finished' }

type Shown = Pick<Snapshot, 'builders' | 'builds'>

/** The changes of builders, as far as `print` would show them otherwise, and of builds. */
export function changesBetween(
  before: Shown,
  after: Shown,
  print: (builder: BuilderView, shown: Shown) => string,
  nowMs: number,
): Change[] {
  const printed = new Map(before.builders.map((builder) => [builder.id, print(builder, before)]))
  const changed = after.builders.filter((builder) => printed.get(builder.id) !== print(builder, after))
  const left = before.builders.filter(({ id }) => after.builders.every((builder) => builder.id !== id))
  return [
    ...changed.map((builder) => ({ builder })),
    ...left.map(({ id }) => ({ gone: id })),
    ...missing(after.builds.running, before.builds.running).map((build) => ({
      build,
      state: 'started' as const,
    })),
    ...missing(before.builds.running, after.builds.running).map((build) => ({
      build: endOf(build, after.builds.finished, nowMs),
      state: 'finished' as const,
    })),
  ]
}

function missing(from: readonly RunningBuild[], others: readonly RunningBuild[]): readonly RunningBuild[] {
  const ids = new Set(others.map(({ id }) => id))
  return from.filter(({ id }) => !ids.has(id))
}

function endOf(build: RunningBuild, finished: readonly FinishedBuild[], nowMs: number): FinishedBuild {
  const durationMs = Math.max(0, nowMs - Date.parse(build.startedAt))
  return finished.find(({ id }) => id === build.id) ?? { ...build, durationMs, outcome: 'unknown' }
}
