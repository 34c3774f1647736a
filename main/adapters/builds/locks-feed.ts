import type { BuildActivity } from '../../../contract/builds'
import {
  activityOf,
  attribute,
  type Hook,
  type OutputLock,
  type Outputs,
  type PreviousHook,
} from '../../../core/builds/attribute'
import type { Located } from '../../../core/builds/join-feeds'
import { builderOfMachine, lockHolders, machineOfSlot, machineOfUpload } from '../../../core/nix/slots'
import type { BuilderLists } from '../../ports/builds'
import type { LocksOptions } from './lock-files'
import { createLockFiles, type LockFiles } from './lock-files'
import { createUserNames, readProcess, type UserNames } from './people'

/** A build with what to look for when it has ended. */
export interface SeenByLocks extends Located {
  /** There when it was built; absent where the name of the output is not known. */
  readonly outputPath?: string
}

interface Known extends Hook {
  readonly startedAt: string
  readonly user?: string
  readonly past: { uploaded: boolean; built: boolean }
}

/** Builds by what Nix has locked, without a right and without a lock of ours. */
export interface LocksFeed {
  /** Throws where the kernel's list of locks cannot be read. */
  read(lists: BuilderLists, nowMs: number): Promise<readonly SeenByLocks[]>
}

export function createLocksFeed({
  stateFolder = '/nix/var/nix',
  storeFolder = '/nix/store',
  locksFile = '/proc/locks',
}: LocksOptions = {}): LocksFeed {
  const files = createLockFiles({ stateFolder, storeFolder, locksFile })
  const users = createUserNames()
  const hooks = new Map<string, Known>()

  return {
    read: async (lists, nowMs) => {
      const holders = lockHolders(await files.readLocks())
      const slots = await files.slots()
      const uploading = new Set<number>()
      const seen: Known[] = []
      for (const { inode, name } of slots) {
        const pid = holders.get(inode)
        if (pid === undefined) continue
        if (machineOfUpload(name)) uploading.add(pid)
        const machine = machineOfSlot(name)
        const hook = machine && (await meet({ files, users, hooks }, { pid, name, machine }))
        if (hook) seen.push(hook)
      }
      keepOnly(hooks, new Set(seen.map(keyOf)))
      const hookPids = new Set(seen.map(({ pid }) => pid))
      const locks = await files.outputs(holders)
      const storing = new Set(locks.map(({ workerPid }) => workerPid).filter((pid) => hookPids.has(pid)))
      const { byHook, rest } = attribute(
        seen,
        locks.filter(({ workerPid }) => !hookPids.has(workerPid)),
      )
      const elsewhere = seen.map((hook) => {
        const outputs = byHook.get(hook.pid)
        const list = lists.get(hook.builder)
        const listed = list && outputs ? list.includes(outputs.name) : undefined
        const { pid } = hook
        const now = { uploads: uploading.has(pid), stores: storing.has(pid), listed }
        const activity = activityOf(hook.past, { ...now, ageMs: nowMs - hook.sinceMs })
        remember(hook.past, activity, listed)
        return asBuild(keyOf(hook), hook, activity, outputs)
      })
      const here = await builtHere(files, users, rest, holders)
      return [...elsewhere, ...here]
    },
  }
}

interface Meeting {
  readonly files: LockFiles
  readonly users: UserNames
  readonly hooks: Map<string, Known>
}

/** A hook is looked at once: who its worker is, and whom that serves, does not change. */
async function meet(
  { files, users, hooks }: Meeting,
  slot: { readonly pid: number; readonly name: string; readonly machine: string },
): Promise<Known | undefined> {
  const sinceMs = await files.slotSince(slot.name)
  if (sinceMs === undefined) return undefined
  const builder = builderOfMachine(slot.machine)
  const known = hooks.get(keyOf({ pid: slot.pid, sinceMs }))
  if (known) return known
  const workerPid = (await readProcess(slot.pid))?.parentPid
  if (workerPid === undefined) return undefined
  const user = await users.whoAsked(workerPid)
  const hook = {
    ...{ pid: slot.pid, workerPid, builder, sinceMs, startedAt: new Date(sinceMs).toISOString() },
    ...(user === undefined ? {} : { user }),
    past: { uploaded: false, built: false },
  }
  hooks.set(keyOf(hook), hook)
  return hook
}

function remember(
  past: { -readonly [K in keyof PreviousHook]: boolean },
  activity: BuildActivity,
  listed?: boolean,
) {
  past.uploaded ||= activity === 'copying-inputs'
  past.built ||= listed === true
}

function keyOf({ pid, sinceMs }: Pick<Hook, 'pid' | 'sinceMs'>): string {
  return `${pid}-${Math.round(sinceMs)}`
}

function keepOnly(map: Map<string, unknown>, keys: ReadonlySet<string>): void {
  for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
}

/** As many of a worker's locks as it has build users: the others are of what it fetches. */
async function builtHere(
  files: LockFiles,
  users: UserNames,
  rest: readonly Outputs[],
  holders: ReadonlyMap<number, number>,
): Promise<SeenByLocks[]> {
  if (rest.length === 0) return []
  const left = await files.buildUsers(holders)
  const builds: SeenByLocks[] = []
  for (const outputs of rest) {
    const allowed = left?.get(outputs.workerPid) ?? (left ? 0 : 1)
    if (allowed <= 0) continue
    left?.set(outputs.workerPid, allowed - 1)
    const user = await users.whoAsked(outputs.workerPid)
    const startedAt = new Date(outputs.sinceMs).toISOString()
    const { workerPid } = outputs
    const id = `${keyOf({ pid: outputs.workerPid, sinceMs: outputs.sinceMs })}-${outputs.inode}`
    builds.push(
      asBuild(id, { startedAt, workerPid, ...(user === undefined ? {} : { user }) }, 'building', outputs),
    )
  }
  return builds
}

function asBuild(
  id: string,
  { builder, user, startedAt, workerPid }: Pick<Located, 'builder' | 'user' | 'startedAt' | 'workerPid'>,
  activity: BuildActivity,
  outputs: Pick<OutputLock, 'name' | 'path'> | undefined,
): SeenByLocks {
  const isDerivation = outputs?.path.endsWith('.drv')
  return {
    ...{ id, name: outputs?.name ?? '', startedAt, activity, logTail: [] },
    ...(builder === undefined ? {} : { builder }),
    ...(user === undefined ? {} : { user }),
    ...(workerPid === undefined ? {} : { workerPid }),
    ...(outputs && (isDerivation ? { drvPath: outputs.path } : { outputPath: outputs.path })),
  }
}
