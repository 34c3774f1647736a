import { sshAlias } from './ssh-alias'

/** Nix's name for the slots of a builder: its URI with `/` as `_`, before `-N` (build-remote.cc, openSlotLock). */
export function slotName({ id, protocol }: { readonly id: string; readonly protocol: string }): string {
  return `${protocol}://${sshAlias(id)}`.replaceAll('/', '_')
}

/** The inodes that somebody has locked whole for writing, as flock(2) shows in `/proc/locks` (proc(5)). */
export function lockedInodes(procLocks: string): ReadonlySet<number> {
  const inodes = [
    ...procLocks.matchAll(/^\d+: FLOCK\s+ADVISORY\s+WRITE\s+-?\d+\s+[\da-f]+:[\da-f]+:(\d+)\s/gm),
  ]
  return new Set(inodes.map(([, inode]) => Number(inode)))
}

/** How many slots of each builder are taken, of the files `NAME-N` with their inodes. */
export function countSlots(
  files: readonly { readonly name: string; readonly inode: number }[],
  locked: ReadonlySet<number>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { name, inode } of files) {
    const builder = /^(.+)-\d+$/.exec(name)?.[1]
    if (builder && locked.has(inode)) counts.set(builder, (counts.get(builder) ?? 0) + 1)
  }
  return counts
}
