import { lstatSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { System } from './system'

/**
 * What is wrong with a path that only root may be able to change: the file and every folder above it must be
 * root's and writable by nobody else; then no one can swap any part of it under us. Undefined: nothing.
 * Nix's store is writable by its build users too, but sticky: they cannot touch what is root's in it.
 */
export function whyNotTrusted(path: string, { top, owner, storeDirectory }: System): string | undefined {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at)
    const isStore = at === storeDirectory && (mode & 0o1000) !== 0
    if (uid !== owner) return `${at} belongs to uid ${uid}`
    if ((mode & 0o022) !== 0 && !isStore) return `${at} can be written by others than its owner`
    if (at === top || at === dirname(at)) return undefined
  }
}
