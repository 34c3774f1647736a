import type { FinishedBuild, RunningBuild } from '../../../contract/builds'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { failureJson } from './failure-text'
import { listJson } from './json'

type Building = Pick<Snapshot, 'builds'>

/** The document of `status --json`, version 1: that of `list --json`, and how each builder does. */
export function statusJson(snapshot: Snapshot, nowMs: number) {
  const { builders, ...document } = listJson(snapshot)
  return {
    ...document,
    builders: builders.map((builder, at) => {
      const view = snapshot.builders[at]
      return view ? { ...builder, health: healthJson(view, snapshot, nowMs) } : builder
    }),
  }
}

/** How a builder does; what is not known is null. */
export function healthJson(builder: BuilderView, { builds }: Building, nowMs: number) {
  const { health, state, failure, suspendedSince, runningBuilds } = builder
  const { sample } = health ?? {}
  return {
    state,
    since: suspendedSince ?? health?.since ?? null,
    failure: failure ? failureJson(failure) : null,
    latencyMs: sample?.latencyMs ?? null,
    load1: sample?.load1 ?? null,
    cpus: sample?.cpus ?? null,
    memoryFreeBytes: sample?.memoryFreeBytes ?? null,
    storeFreeBytes: sample?.storeFreeBytes ?? null,
    slotsInUse: runningBuilds ?? null,
    builds: builds.running
      .filter((build) => build.builder === builder.id)
      .map(({ name, startedAt }) => ({ name, elapsedMs: elapsedMs(startedAt, nowMs) })),
  }
}

/** A build that has begun or ended, as a line of `status --watch --json`. */
export function buildJson(build: RunningBuild | FinishedBuild, state: 'started' | 'finished') {
  const { id, name, drvPath, builder, user, startedAt } = build
  const end = 'outcome' in build ? { durationMs: build.durationMs, outcome: build.outcome } : {}
  return {
    ...{ id, name, drvPath: drvPath ?? null, builder: builder ?? null, user: user ?? null, startedAt },
    ...end,
    state,
  }
}

/** Since it began; a clock that went back counts as now. */
export function elapsedMs(startedAt: string, nowMs: number): number {
  return Math.max(0, nowMs - Date.parse(startedAt))
}
