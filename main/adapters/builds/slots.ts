import { countSlots, lockHolders } from '../../../core/nix/slots'
import type { SlotsPort } from '../../ports/slots'
import { listing, readLocks } from './lock-files'
import { readHooks } from './processes-feed'

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
  const files = listing(folder)
  return {
    taken: async () => {
      try {
        const locked = lockHolders(await readLocks(locksFile))
        return countSlots((await files()) ?? [], locked)
      } catch {
        // No locks to read, as on macOS: the processes tell.
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
