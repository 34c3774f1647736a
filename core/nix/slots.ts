import { sshAlias } from '../ssh/alias'

/** Nix's name for the slots of a builder: its URI with `/` as `_`, before `-N` (build-remote.cc, openSlotLock). */
export function slotName({ id, protocol }: { readonly id: string; readonly protocol: string }): string {
  return `${protocol}://${sshAlias(id)}`.replaceAll('/', '_')
}

/** Slots of a builder that are in use, of those by name; undefined where none can be read. */
export function slotsInUse(
  builder: { readonly id: string; readonly protocol: string },
  taken: Readonly<Record<string, number>> | undefined,
): number | undefined {
  return taken && (taken[slotName(builder)] ?? 0)
}

/** Who has locked which inode whole for writing, as flock(2) shows in `/proc/locks` (proc(5)): pid by inode. */
export function lockHolders(procLocks: string): ReadonlyMap<number, number> {
  const locks = [
    ...procLocks.matchAll(/^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(-?\d+)\s+[\da-f]+:[\da-f]+:(\d+)\s/gm),
  ]
  return new Map(locks.map(([, pid, inode]) => [Number(inode), Number(pid)]))
}

/** How many slots of each builder are taken, of the files `NAME-N` with their inodes. */
export function countSlots(
  files: readonly { readonly name: string; readonly inode: number }[],
  locked: { has(inode: number): boolean },
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { name, inode } of files) {
    const builder = machineOfSlot(name)
    if (builder && locked.has(inode)) counts.set(builder, (counts.get(builder) ?? 0) + 1)
  }
  return counts
}

/** Of `NAME-N`, the machine's name; undefined for other lock files there. */
export function machineOfSlot(file: string): string | undefined {
  return /^(.+)-\d+$/.exec(file)?.[1]
}

/** Of `NAME.upload-lock`, the machine's name; undefined for other lock files there. */
export function machineOfUpload(file: string): string | undefined {
  return /^(.+)\.upload-lock$/.exec(file)?.[1]
}

/** The id of a builder of ours by the name of its slots or its URI, or the URI of a machine that is not ours. */
export function builderOfMachine(machine: string): string {
  const uri = machine.replace(/^([a-z+-]+):__/, '$1://')
  return /^ssh(?:-ng)?:\/\/millwright-([a-z0-9][a-z0-9-]*)(?:\?.*)?$/.exec(uri)?.[1] ?? uri
}
