import { existsSync, type FSWatcher, readdirSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { countSlots, lockHolders, machineOfSlot } from '../../../core/nix/slots'
import type { SlotsPort } from '../../ports/slots'
import { listing, readLocks } from './lock-files'
import { readHooks } from './processes-feed'

/** A login that is refused ends at once, one that nobody answers after the 5 s of our stanza. */
const soonMs = 8_000
const lookEveryMs = 500

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
  const slots: Pick<SlotsPort, 'taken'> = {
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
  return { ...slots, onLetGo: (tell) => watchTries(folder, slots, tell) }
}

async function countHooks(): Promise<ReadonlyMap<string, number> | undefined> {
  const hooks = await readHooks()
  const counts = new Map<string, number>()
  for (const { machine } of hooks ?? []) counts.set(machine, (counts.get(machine) ?? 0) + 1)
  return hooks && counts
}

/** A hook that has taken a slot sets the time of its file (build-remote.cc), which is all that can be watched of it. */
function watchTries(
  folder: string,
  slots: Pick<SlotsPort, 'taken'>,
  tell: (name: string) => void,
): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  const followed = new Set<string>()
  const follow = async (name: string) => {
    for (let waitedMs = 0; waitedMs < soonMs && !signal.aborted; waitedMs += lookEveryMs) {
      await setTimeout(lookEveryMs, undefined, { ref: false })
      const taken = await slots.taken()
      if (taken && !taken.has(name) && !signal.aborted) return tell(name)
    }
  }
  const onChange = (_: string, file: string | null) => {
    const name = machineOfSlot(file ?? '')
    if (name === undefined || followed.has(name)) return
    followed.add(name)
    void follow(name).finally(() => followed.delete(name))
  }
  let watcher: FSWatcher | undefined
  const arm = () => {
    watcher?.close()
    const isThere = existsSync(folder)
    if (!isThere && !existsSync(dirname(folder))) return
    // The first build elsewhere makes the folder.
    watcher = isThere ? watch(folder, onChange) : watch(dirname(folder), onMade)
    // Without it the handshakes of every half hour are left.
    watcher.on('error', () => watcher?.close())
  }
  const onMade = () => {
    if (!existsSync(folder)) return
    arm()
    for (const file of readdirSync(folder)) onChange('', file)
  }
  arm()
  return () => {
    stopping.abort()
    watcher?.close()
  }
}
