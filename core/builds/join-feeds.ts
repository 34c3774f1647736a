import type { RunningBuild } from '../../contract/builds'
import type { LoggedBuild } from './nix-log'

/** A build by what Nix has locked, or by its process. */
export interface Located extends Omit<RunningBuild, 'expectedMs'> {
  /** The process that builds it or lets it build, where it is known. */
  readonly workerPid?: number
}

/**
 * Which build the log means. Locks and processes say who, where and since when; the log says what it does. What only
 * the log has is about to have its lock, or has just let it go.
 */
export function pairWithLog<T extends Located>(
  located: readonly T[],
  logged: readonly LoggedBuild[],
): ReadonlyMap<T, LoggedBuild> {
  const free = new Set(logged)
  const pairs = new Map<T, LoggedBuild>()
  for (const build of located) {
    const found = [...free].find((one) => isSame(build, one))
    if (!found) continue
    free.delete(found)
    pairs.set(build, found)
  }
  return pairs
}

/** A process alone has no name: each build of its worker at that builder may be it. */
function isSame({ builder, workerPid, drvPath, name }: Located, logged: LoggedBuild): boolean {
  if (builder !== logged.builder) return false
  if (workerPid !== undefined && workerPid !== logged.workerPid) return false
  if (name === '') return workerPid !== undefined
  return drvPath === undefined ? name === logged.name : drvPath === logged.drvPath
}

/** The build with what the log tells of it. */
export function withLog<T extends Located>(build: T, logged: LoggedBuild | undefined): T {
  if (!logged) return build
  const { drvPath, name, activity, phase, copied, logTail } = logged
  return {
    ...build,
    ...{ drvPath, name, activity, logTail },
    ...(phase === undefined ? {} : { phase }),
    ...(copied === undefined ? {} : { copied }),
  }
}
