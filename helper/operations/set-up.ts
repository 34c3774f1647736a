import { existsSync, readdirSync } from 'node:fs'
import { removeIncludes } from '../state/foreign-files'
import { readOrigin } from '../state/origin'
import { removeFile, removeIfEmpty, removeTree, writeWhole } from '../system/disk'
import { currentLink, ownDirectory, type System } from '../system/system'

/** Set from before the first generation comes into force until the daemon has been restarted for it. */
function restartMark(system: System): string {
  return `${ownDirectory(system)}/restart-pending`
}

export function markRestartPending(system: System): void {
  writeWhole(restartMark(system), '', { mode: 0o644 })
}

export function isRestartPending(system: System): boolean {
  return existsSync(restartMark(system))
}

export function finishPendingRestart(system: System): void {
  removeFile(restartMark(system))
}

/**
 * Takes everything back, keys included. The first step is the commit: without `current`, Nix and ssh skip
 * our lines. Started again after a death at any point, it goes on; our lines go even where our folder is lost.
 */
export function tearDown(system: System): void {
  const folder = ownDirectory(system)
  removeFile(currentLink(system))
  removeIncludes(system)
  if (!existsSync(folder)) return
  const origin = readOrigin(system)
  for (const name of readdirSync(folder)) if (name !== 'origin.json') removeTree(`${folder}/${name}`)
  removeTree(folder)
  if (origin?.directories.includes(system.nixConfigDirectory)) removeIfEmpty(system.nixConfigDirectory)
}
