import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'

/** Nix’s and ssh’s own files are some KiB; somebody’s nix.conf of 10 MiB has been seen. */
const mostBytes = 32 * 1024 * 1024

/**
 * The bytes of a plain file, whatever a path leads to: a FIFO would be waited for without end, and opening a device may
 * rewind or reset it. Throws what open(2) says; fails with NEEDS_ATTENTION, unsafe-path, for what is no plain file or is
 * over 32 MiB long.
 */
export function readPlainFile(path: string): Buffer {
  if (!statSync(path).isFile()) refuse(`${path} is not a plain file`)
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const found = fstatSync(fd)
    if (!found.isFile()) refuse(`${path} is not a plain file`)
    if (found.size > mostBytes) refuse(`${path} is over ${mostBytes} bytes long`)
    return readUpTo(fd, mostBytes)
  } finally {
    closeSync(fd)
  }
}

const absences = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EACCES', 'EPERM']

/**
 * Whether reading failed for what stands there, or does not. Else it failed for now, as with no more files to be had or
 * an error of the disk: then nothing is known of the file, and whoever takes it for lost undoes what is in it.
 */
export function isAbsence(error: unknown): boolean {
  if (error instanceof Refusal) return true
  return error instanceof Error && 'code' in error && absences.includes(String(error.code))
}

/** The same as text. */
export function readPlainText(path: string): string {
  return readPlainFile(path).toString('utf8')
}

/**
 * The first bytes of a plain file that somebody else has put there, following no link: undefined for everything else,
 * which is not even opened.
 */
export function readStartOfPlainFile(path: string, lengthBytes: number): Buffer | undefined {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
  try {
    return fstatSync(fd).isFile() ? readUpTo(fd, lengthBytes) : undefined
  } finally {
    closeSync(fd)
  }
}

function readUpTo(fd: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(Math.min(lengthBytes, fstatSync(fd).size))
  let length = 0
  while (length < bytes.length) {
    const count = readSync(fd, bytes, length, bytes.length - length, null)
    if (count === 0) break
    length += count
  }
  return bytes.subarray(0, length)
}

function refuse(problem: string): never {
  throw new Refusal('NEEDS_ATTENTION', 'unsafe-path', `Root cannot rely on what stands there: ${problem}.`)
}
