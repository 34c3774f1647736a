import { lstat } from 'node:fs/promises'
import { type Located, pairWithLog, withLog } from '../../../core/builds/join-feeds'
import type { LoggedBuild } from '../../../core/builds/nix-log'
import type { BuilderLists, BuildsPort, EndedBuild, ObservedBuild, ObservedBuilds } from '../../ports/builds'
import type { LocksOptions } from './lock-files'
import { createLocksFeed, type SeenByLocks } from './locks-feed'
import { createNixLogFeed } from './nix-log-feed'
import { createNixPsFeed } from './nix-ps-feed'
import { createUserNames } from './people'
import { createProcessesFeed } from './processes-feed'

export interface BuildsOptions extends LocksOptions {
  readonly clock?: () => number
  /** Returns where Nix writes its log to, as lines of JSON; asked rarely. */
  readonly findLog?: () => Promise<string | undefined>
  /** Returns the program of Nix. */
  readonly findNix?: () => string | undefined
}

interface Found extends Omit<ObservedBuilds, 'running'> {
  readonly running: readonly Located[]
}

/** The best feed that this computer offers now; it is asked for anew at each look, as Nix may be exchanged. */
export function createBuilds(options: BuildsOptions = {}): BuildsPort {
  const { clock = Date.now, findLog = async () => undefined, findNix = () => undefined, ...places } = options
  const byLocks = createLocks(createLocksFeed(places), clock)
  const byProcesses = createProcesses(findNix, clock)
  const nixLog = createNixLogFeed(findLog)
  /** Which build each of the log's was. */
  let before = new Map<string, string>()
  return {
    observe: async (lists) => {
      const logged = await nixLog.read()
      // No locks to read, as on macOS: processes tell less, but something.
      const found = await byLocks(lists).catch(() => byProcesses(logged?.running ?? []))
      if (!logged || found.feed === 'none') return { ...found, running: found.running.map(toSeen) }
      const pairs = pairWithLog(found.running, logged.running)
      const running = found.running.map((build) => toSeen(withLog(build, pairs.get(build))))
      const told = logged.ended.flatMap(({ id, outcome }) => {
        const known = before.get(id)
        return known === undefined ? [] : [{ id: known, outcome }]
      })
      before = new Map([...pairs].map(([build, { id }]) => [id, build.id]))
      // Where the store shows how a build ended, that counts.
      const ended = [...told, ...found.ended.filter(({ outcome }) => outcome !== 'unknown')]
      return { feed: 'json-log', running, ended }
    },
    close: () => undefined,
  }
}

const toSeen = ({ workerPid: _, ...build }: Located): ObservedBuild => build

function createLocks(
  locks: ReturnType<typeof createLocksFeed>,
  clock: () => number,
): (lists: BuilderLists) => Promise<Found> {
  let before: readonly SeenByLocks[] = []
  return async (lists) => {
    const seen = await locks.read(lists, clock())
    const running = new Set(seen.map(({ id }) => id))
    const ended = await Promise.all(before.filter(({ id }) => !running.has(id)).map(howItEnded))
    before = keepNames(before, seen)
    return { feed: 'locks', running: before.map(({ outputPath: _, ...build }) => build), ended }
  }
}

/** Where no locks can be read: builds elsewhere by their processes, and what is built here by the log or by `nix ps`. */
function createProcesses(
  findNix: () => string | undefined,
  clock: () => number,
): (logged: readonly LoggedBuild[]) => Promise<Found> {
  const processes = createProcessesFeed()
  const nixPs = createNixPsFeed(findNix)
  const users = createUserNames()
  const since = new Map<string, number>()
  return async (logged) => {
    const nowMs = clock()
    const elsewhere = await processes.read(nowMs)
    const listed = await nixPs.read()
    const asListed = (listed ?? []).map(async ({ pid, name, drvPath, startedMs, uid }): Promise<Located> => {
      const user = uid === undefined ? undefined : await users.nameOf(uid)
      const startedAt = new Date(startedMs).toISOString()
      const build = { id: `${pid}-${name}`, workerPid: pid, name, drvPath, startedAt, logTail: [] }
      return { ...build, activity: 'building', ...(user === undefined ? {} : { user }) }
    })
    const here = listed ? await Promise.all(asListed) : builtHere(logged, since, nowMs)
    const running = [...(elsewhere ?? []), ...here]
    const feed = listed ? 'nix-ps' : elsewhere ? 'processes' : 'none'
    return { feed, running, ended: [] }
  }
}

/** A client that is told the log of the daemon may write it once more: one line for each derivation. */
function builtHere(
  logged: readonly LoggedBuild[],
  since: Map<string, number>,
  nowMs: number,
): readonly Located[] {
  const builds = new Map(logged.filter((one) => one.builder === undefined).map((one) => [one.drvPath, one]))
  for (const drvPath of since.keys()) if (!builds.has(drvPath)) since.delete(drvPath)
  return [...builds.values()].map(({ id, workerPid, name, drvPath }) => {
    const sinceMs = since.get(drvPath) ?? nowMs
    since.set(drvPath, sinceMs)
    const startedAt = new Date(sinceMs).toISOString()
    return { id: `log-${id}`, workerPid, name, drvPath, startedAt, activity: 'building', logTail: [] }
  })
}

/** A worker lets go of its locks a moment before its hook ends. */
function keepNames(before: readonly SeenByLocks[], seen: readonly SeenByLocks[]): readonly SeenByLocks[] {
  const known = new Map(before.map((build) => [build.id, build]))
  return seen.map((build) => {
    const earlier = known.get(build.id)
    return build.name === '' && earlier ? { ...build, name: earlier.name, ...outputOf(earlier) } : build
  })
}

function outputOf({ outputPath, drvPath }: SeenByLocks): Pick<SeenByLocks, 'outputPath' | 'drvPath'> {
  return { ...(outputPath && { outputPath }), ...(drvPath && { drvPath }) }
}

/** What is valid in the store has the time 1 (s); what a failed build left there has not. */
async function howItEnded({ id, outputPath }: SeenByLocks): Promise<EndedBuild> {
  if (outputPath === undefined) return { id, outcome: 'unknown' }
  const built = await lstat(outputPath).then(
    ({ mtimeMs }) => mtimeMs === 1_000,
    () => false, // nothing there
  )
  return { id, outcome: built ? 'built' : 'failed' }
}
