import { lstat } from 'node:fs/promises'
import type { BuildsPort, EndedBuild, SeenBuilds } from '../ports/builds'
import { createLocksFeed, type LocksOptions, type SeenByLocks } from './builds-locks'
import { createProcessesFeed } from './builds-processes'

export interface BuildsOptions extends LocksOptions {
  readonly clock?: () => number
}

/** The best feed that this computer offers now; it is asked for anew at each look, as Nix may be exchanged. */
export function createBuilds({ clock = Date.now, ...options }: BuildsOptions = {}): BuildsPort {
  const locks = createLocksFeed(options)
  const processes = createProcessesFeed()
  let before: readonly SeenByLocks[] = []

  const see = async (lists: Parameters<BuildsPort['look']>[0]): Promise<SeenBuilds> => {
    const seen = await locks.look(lists, clock())
    const running = new Set(seen.map(({ id }) => id))
    const ended = await Promise.all(before.filter(({ id }) => !running.has(id)).map(howItEnded))
    before = keepNames(before, seen)
    return { feed: 'locks', running: before.map(({ outputPath: _, ...build }) => build), ended }
  }
  return {
    look: (lists) =>
      see(lists).catch(async () => {
        const running = await processes.look(clock())
        return { feed: running ? 'processes' : 'none', running: running ?? [], ended: [] }
      }),
    close: () => undefined,
  }
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
    () => false,
  )
  return { id, outcome: built ? 'built' : 'failed' }
}
