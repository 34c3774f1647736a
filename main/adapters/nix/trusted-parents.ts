import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The first of a path and its parents that is not root's alone to change; undefined when all are. The helper
 * checks itself again, but by then it runs; a link counts as not safe.
 */
export function findUntrustedPart(path: string): string | undefined {
  try {
    const about = lstatSync(path)
    const isStore = path === '/nix/store' && (about.mode & 0o1000) !== 0
    const isWritable = (about.mode & 0o022) !== 0 && !isStore
    if (about.uid !== 0 || isWritable || about.isSymbolicLink()) return path
  } catch {
    // What cannot be looked at is not safe.
    return path
  }
  return path === '/' ? undefined : findUntrustedPart(dirname(path))
}
