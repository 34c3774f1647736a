import { existsSync, readdirSync } from 'node:fs'
import { removeIncludes } from '../state/foreign-files'
import { isOwnDirectory, readOrigin } from '../state/origin'
import { removeIfEmpty, removeTree, writeWhole } from '../system/disk'
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
  removeTree(restartMark(system))
}

/**
 * Takes everything back, keys included. The first step is the commit: without `current`, Nix and ssh skip
 * our lines. Started again after a death at any point, it goes on; our lines go even where our folder is lost.
 */
export function tearDown(system: System): void {
  const folder = ownDirectory(system)
  if (isOwnDirectory(system)) removeTree(currentLink(system))
  removeIncludes(system)
  const origin = readOrigin(system)
  const names = isOwnDirectory(system) ? readdirSync(folder) : []
  for (const name of names) if (name !== 'origin.json') removeTree(`${folder}/${name}`)
  removeTree(folder)
  for (const made of origin?.directories ?? []) removeIfEmpty(made)
}
