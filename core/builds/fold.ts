import type { BuildsView, FinishedBuild, RunningBuild } from '../../contract/builds'
import { expectedMs, keptBuilds } from './finished'
import { isProofName } from './proof-name'

/** What a look at the builds found; the ports' `SeenBuilds`. */
export interface BuildsReading {
  readonly feed: BuildsView['feed']
  readonly running: readonly Omit<RunningBuild, 'expectedMs'>[]
  readonly ended: readonly { readonly id: string; readonly outcome: FinishedBuild['outcome'] }[]
}

/** The builds after a look: what runs no longer has finished; all are kept here, the latest first. */
export function foldBuilds(
  before: BuildsView,
  { feed, running, ended }: BuildsReading,
  nowMs: number,
): BuildsView {
  const ids = new Set(running.map(({ id }) => id))
  const outcomes = new Map(ended.map(({ id, outcome }) => [id, outcome]))
  const over = before.running.filter(({ id }) => !ids.has(id) && !isElsewhere(id))
  const past = over
    .filter(isWorthKeeping)
    .map((build) => finish(build, outcomes.get(build.id) ?? 'unknown', nowMs))
  const finished = past.length === 0 ? before.finished : [...past, ...before.finished].slice(0, keptBuilds)
  return { feed, running: running.map((build) => withExpectation(build, finished)), finished }

  /** A builder that could not be reached after all: the same build waits or runs at another one now. */
  function isElsewhere(id: string): boolean {
    const build = before.running.find((one) => one.id === id)
    const { name = '', user } = build ?? {}
    const isUnfinished = build?.activity === 'waiting' && outcomes.get(id) !== 'built'
    return isUnfinished && name !== '' && running.some((one) => one.name === name && one.user === user)
  }
}

/** Millwright's own proofs, and what nothing is known of but that it ran, tell a person nothing afterwards. */
function isWorthKeeping({ name, drvPath }: RunningBuild): boolean {
  return !isProofName(name) && (name !== '' || drvPath !== undefined)
}

function finish(build: RunningBuild, outcome: FinishedBuild['outcome'], nowMs: number): FinishedBuild {
  const { id, name, drvPath, builder, user, startedAt, logTail } = build
  const durationMs = Math.max(0, nowMs - Date.parse(startedAt))
  return {
    ...{ id, name, startedAt, durationMs, outcome },
    ...(drvPath === undefined ? {} : { drvPath }),
    ...(builder === undefined ? {} : { builder }),
    ...(user === undefined ? {} : { user }),
    ...(outcome === 'failed' && logTail.length > 0 ? { logTail } : {}),
  }
}

function withExpectation(
  build: BuildsReading['running'][number],
  finished: readonly FinishedBuild[],
): RunningBuild {
  const expected = expectedMs(finished, build)
  return expected === undefined ? build : { ...build, expectedMs: expected }
}
