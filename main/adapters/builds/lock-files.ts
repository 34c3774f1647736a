import { statSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockedOutput, type OutputLock } from '../../../core/builds/attribute'
import { readProcess } from './people'

export interface LockFile {
  readonly name: string
  readonly inode: number
}

/** Nix's lock files. Folders are listed again only when they have changed, the store only for a lock not yet known. */
export interface LockFiles {
  readLocks(): Promise<string>
  /** Those in `current-load`. */
  slots(): Promise<readonly LockFile[]>
  /** When a slot was last given; undefined where it is gone. */
  slotSince(name: string): Promise<number | undefined>
  /** What processes of Nix have locked in the store. */
  outputs(holders: ReadonlyMap<number, number>): Promise<OutputLock[]>
  /** How many build users each process has taken; undefined where there are none. */
  buildUsers(holders: ReadonlyMap<number, number>): Promise<Map<number, number> | undefined>
}

export function createLockFiles(options: Required<LocksOptions>): LockFiles {
  const { stateFolder, storeFolder, locksFile } = options
  const loadFolder = join(stateFolder, 'current-load')
  const slots = listing(loadFolder)
  const pools = ['userpool', 'userpool2'].map((name) => listing(join(stateFolder, name)))
  /** By inode and holder; `undefined`: none of Nix's, or not in the store. Forgotten when it is let go. */
  const known = new Map<string, OutputLock | undefined>()
  const isNix = new Map<number, boolean>()

  return {
    readLocks: () => readLocks(locksFile),
    slots: async () => (await slots()) ?? [],
    slotSince: (name) =>
      stat(join(loadFolder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined, // nobody has taken it yet
      ),
    outputs: async (holders) => {
      const load = new Set(((await slots()) ?? []).map(({ inode }) => inode))
      const held = [...holders].filter(([inode]) => !load.has(inode))
      const keys = new Set(held.map(([inode, pid]) => `${inode} ${pid}`))
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key)
      const pids = new Set(held.map(([, pid]) => pid))
      for (const pid of isNix.keys()) if (!pids.has(pid)) isNix.delete(pid)
      const fresh: (readonly [number, number])[] = []
      for (const [inode, pid] of held) {
        if (known.has(`${inode} ${pid}`)) continue
        if (!isNix.has(pid))
          isNix.set(pid, /^(nix|build-remote|lix)/.test((await readProcess(pid))?.name ?? ''))
        if (isNix.get(pid)) fresh.push([inode, pid])
        else known.set(`${inode} ${pid}`, undefined)
      }
      if (fresh.length > 0) {
        const found = await locksIn(storeFolder)
        for (const [inode, pid] of fresh) {
          const lock = found.get(inode)
          known.set(`${inode} ${pid}`, lock && { ...lock, inode, workerPid: pid })
        }
      }
      return [...known.values()].filter((lock) => lock !== undefined)
    },
    buildUsers: async (holders) => {
      const lists = await Promise.all(pools.map((pool) => pool()))
      const users = lists.flatMap((list) => list ?? [])
      if (users.length === 0) return undefined
      const counts = new Map<number, number>()
      for (const { inode } of users) {
        const pid = holders.get(inode)
        if (pid !== undefined) counts.set(pid, (counts.get(pid) ?? 0) + 1)
      }
      return counts
    },
  }
}

const underWay = new Map<string, Promise<string>>()

/** The kernel's list of locks, read once for all who ask meanwhile. Fails where there is none. */
export function readLocks(file: string): Promise<string> {
  const reading = underWay.get(file) ?? readFile(file, 'utf8').finally(() => underWay.delete(file))
  underWay.set(file, reading)
  return reading
}

/** The files of a folder whose files stay once they are there. */
export function listing(folder: string): () => Promise<readonly LockFile[] | undefined> {
  let changedMs: number | undefined
  let files: readonly LockFile[] | undefined
  return async () => {
    try {
      const { mtimeMs } = statSync(folder) // The kernel has it in memory: a thread would cost many times that.
      if (mtimeMs === changedMs) return files
      const names = await readdir(folder)
      files = await Promise.all(
        names.map(async (name) => ({ name, inode: (await stat(join(folder, name))).ino })),
      )
      changedMs = mtimeMs
    } catch {
      // Read anew the next time.
      changedMs = undefined
      files = undefined
    }
    return files
  }
}

async function locksIn(folder: string): Promise<Map<number, Pick<OutputLock, 'name' | 'path' | 'sinceMs'>>> {
  const found = new Map<number, Pick<OutputLock, 'name' | 'path' | 'sinceMs'>>()
  // A folder that is not there holds no locks.
  for (const file of await readdir(folder).catch(() => [])) {
    const output = file.endsWith('.lock') ? lockedOutput(file) : undefined
    // Its build may end between the list and this look.
    const about = output && (await stat(join(folder, file)).catch(() => undefined))
    if (!output || !about) continue
    const { name, base } = output
    found.set(about.ino, { name, path: join(folder, base), sinceMs: about.mtimeMs })
  }
  return found
}

export interface LocksOptions {
  /** `/nix/var/nix` */
  readonly stateFolder?: string
  readonly storeFolder?: string
  readonly locksFile?: string
}
