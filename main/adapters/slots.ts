import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { countSlots, lockHolders } from '../../core/slots'
import type { SlotsPort } from '../ports/slots'
import { readHooks } from './builds-processes'

export interface SlotsOptions {
  readonly folder?: string
  readonly locksFile?: string
}

/**
 * Nix's lock files and the kernel's list of locks; where it has none (macOS), the hooks among the processes. No lock
 * is taken: that could cost a build its slot.
 */
export function createSlots({
  folder = '/nix/var/nix/current-load',
  locksFile = '/proc/locks',
}: SlotsOptions = {}): SlotsPort {
  return {
    taken: async () => {
      try {
        const locked = lockHolders(await readFile(locksFile, 'utf8'))
        const names = await readdir(folder).catch(() => [])
        const files = names.map(async (name) => ({ name, inode: (await stat(join(folder, name))).ino }))
        return countSlots(await Promise.all(files), locked)
      } catch {
        return countHooks()
      }
    },
  }
}

async function countHooks(): Promise<ReadonlyMap<string, number> | undefined> {
  const hooks = await readHooks()
  const counts = new Map<string, number>()
  for (const { machine } of hooks ?? []) counts.set(machine, (counts.get(machine) ?? 0) + 1)
  return hooks && counts
}
