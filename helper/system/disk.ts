import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * Every change that root makes to a file system. Each is durable when it returns, and a crash inside leaves
 * the path as it was: at worst a `.NAME.millwright-new` beside it, which the next write takes the place of.
 */

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
  /** The last word before the old file is replaced; what it throws keeps the old one. */
  readonly before?: () => void
}

/** Puts a whole new file in place of `path` in one step. */
export function writeWhole(
  path: string,
  content: string | Buffer,
  { mode, uid, gid, before }: Attributes,
): void {
  const draft = draftOf(path)
  rmSync(draft, { force: true })
  const fd = openSync(draft, 'wx', 0o600)
  try {
    const bytes = Buffer.from(content)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    if (uid !== undefined && gid !== undefined) fchownSync(fd, uid, gid)
    fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  try {
    before?.()
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  renameInto(draft, path)
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

export function appendLine(path: string, line: string, mode: number): void {
  appendFileSync(path, `${line}\n`, { mode })
  chmodSync(path, mode)
}
