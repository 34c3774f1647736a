import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { copyAttributes } from './attributes'

/**
 * Every change that root makes to a file system. Each is durable when it returns, and a crash inside leaves
 * the path as it was: at worst a `.NAME.millwright-new` beside it, which the next write takes the place of.
 */

/**
 * What a system call says is thrown with the path that it was about, as Node gives none where only a descriptor is known:
 * a full disk is of use to nobody without its name.
 */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && !('path' in error)) Object.assign(error, { path })
    throw error
  }
}

/** A name that only one process uses at a time: there is one lock. */
export function draftOf(path: string): string {
  return `${dirname(path)}/.${basename(path)}.millwright-new`
}

export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes one folder with exactly this mode. Returns whether it was missing. */
export function makeDirectory(path: string, mode: number): boolean {
  const isMissing = !existsSync(path)
  if (isMissing) mkdirSync(path, { mode: 0o700 })
  if ((statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode)
  if (isMissing) syncDirectory(dirname(path))
  return isMissing
}

interface Attributes {
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
  /** A file whose access control list and extended attributes the new one has too. */
  readonly like?: string
  /** The last word before the old file is replaced; what it throws keeps the old one. */
  readonly before?: () => void
}

/** Puts a whole new file in place of `path` in one step. */
export function writeWhole(path: string, content: string | Buffer, attributes: Attributes): void {
  const draft = draftOf(path)
  try {
    naming(path, () => writeDraft(draft, Buffer.from(content), attributes))
    attributes.before?.()
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  renameInto(draft, path)
}

function writeDraft(draft: string, bytes: Buffer, { mode, uid, gid, like }: Attributes): void {
  rmSync(draft, { force: true })
  const isMade = like !== undefined && copyAttributes(like, draft)
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants
  const fd = openSync(draft, isMade ? O_WRONLY | O_TRUNC | O_NOFOLLOW : 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    const made = fstatSync(fd)
    const isTheirs = uid === undefined || gid === undefined || (made.uid === uid && made.gid === gid)
    if (!isTheirs) fchownSync(fd, uid, gid)
    if ((made.mode & 0o7777) !== mode) fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  if (!readFileSync(draft).equals(bytes)) throw new Error(`${draft} does not hold what was written to it.`)
}

/** Renames within a folder or between folders of one file system. */
export function renameInto(from: string, to: string): void {
  renameSync(from, to)
  syncDirectory(dirname(to))
  if (dirname(from) !== dirname(to)) syncDirectory(dirname(from))
}

/** Lets a symbolic link name another target in one step. */
export function pointTo(link: string, target: string): void {
  const draft = draftOf(link)
  rmSync(draft, { force: true })
  symlinkSync(target, draft)
  renameInto(draft, link)
}

export function removeFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  unlinkSync(path)
  syncDirectory(dirname(path))
}

/** Removes a folder and what is in it; symbolic links inside are removed, never followed. */
export function removeTree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  rmSync(path, { recursive: true })
  syncDirectory(dirname(path))
}

export function removeIfEmpty(path: string): void {
  if (!existsSync(path) || readdirSync(path).length > 0) return
  rmdirSync(path)
  syncDirectory(dirname(path))
}
