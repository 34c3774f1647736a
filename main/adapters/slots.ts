import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { countSlots, lockedInodes } from '../../core/slots'
import type { SlotsPort } from '../ports/slots'

export interface SlotsOptions {
  readonly folder?: string
  readonly locksFile?: string
}

/** Nix's lock files and the kernel's list of locks. No lock is taken: that could cost a build its slot. */
export function createSlots({
  folder = '/nix/var/nix/current-load',
  locksFile = '/proc/locks',
}: SlotsOptions = {}): SlotsPort {
  return {
    taken: async () => {
      try {
        const locked = lockedInodes(await readFile(locksFile, 'utf8'))
        const names = await readdir(folder).catch(() => [])
        const files = names.map(async (name) => ({ name, inode: (await stat(join(folder, name))).ino }))
        return countSlots(await Promise.all(files), locked)
      } catch {
        return undefined
      }
    },
  }
}
