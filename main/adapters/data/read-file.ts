import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'

export interface ReadLimits {
  /** 8 MiB unless told: more than any file that a person writes. */
  readonly maximumBytes?: number
  /** A mount whose server is gone answers never. */
  readonly timeoutMs?: number
}

/** What stands where a file should: a pipe, a device, a folder, or a file that is no person's for its size. */
export class NotPlainFileError extends Error {
  override readonly name = 'NotPlainFileError'
  /** As the file system's own errors have one. */
  readonly code = 'ENOTPLAIN'
  constructor(
    readonly path: string,
    readonly what: string,
  ) {
    super(`${path} is ${what}`)
  }
}

const usualMaximumBytes = 8 * 2 ** 20
const usualTimeoutMs = 5_000
/** Opening a pipe waits for who writes, and opening a terminal may make it ours. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
/** Paths that have not answered in time: each holds one of libuv's four threads, so none is asked twice at once. */
const silent = new Set<string>()

/**
 * Reads a file whole that somebody else may have put there: only a plain one (through links), only up to a size, and
 * not for ever. Rejects with what the file system says, with NotPlainFileError, or with ETIMEDOUT.
 */
export async function readPlainFile(path: string, limits: ReadLimits = {}): Promise<Buffer> {
  const { maximumBytes = usualMaximumBytes, timeoutMs = usualTimeoutMs } = limits
  if (silent.has(path)) throw timedOut(path)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      silent.add(path)
      reject(timedOut(path))
    }, timeoutMs)
  })
  const reading = read(path, maximumBytes).finally(() => {
    clearTimeout(timer)
    silent.delete(path)
  })
  return await Promise.race([reading, late])
}

/** The same as text. */
export async function readPlainText(path: string, limits?: ReadLimits): Promise<string> {
  return (await readPlainFile(path, limits)).toString('utf8')
}

/** The same for callers that cannot wait; a mount whose server is gone holds them. */
export function readPlainTextSync(path: string, maximumBytes = usualMaximumBytes): string {
  check(path, statSync(path), maximumBytes)
  const file = openSync(path, flags)
  try {
    check(path, fstatSync(file), maximumBytes)
    const bytes = Buffer.alloc(maximumBytes + 1)
    let length = 0
    for (let got = 1; got > 0 && length < bytes.length; length += got) {
      got = readSync(file, bytes, length, bytes.length - length, null)
    }
    return whole(path, [bytes.subarray(0, length)], length, maximumBytes).toString('utf8')
  } finally {
    closeSync(file)
  }
}

async function read(path: string, maximumBytes: number): Promise<Buffer> {
  // Before it is opened: with some devices that alone does something.
  check(path, await stat(path), maximumBytes)
  const file = await open(path, flags)
  try {
    check(path, await file.stat(), maximumBytes)
    return await readAll(path, file, maximumBytes)
  } finally {
    await file.close()
  }
}

async function readAll(path: string, file: FileHandle, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  while (length <= maximumBytes) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024)
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    length += bytesRead
  }
  return whole(path, chunks, length, maximumBytes)
}

function whole(path: string, chunks: readonly Buffer[], length: number, maximumBytes: number): Buffer {
  // It has grown since it was looked at, or the kernel does not tell a size.
  if (length > maximumBytes) throw new NotPlainFileError(path, tooLarge(maximumBytes))
  return Buffer.concat(chunks, length)
}

function check(path: string, about: Stats, maximumBytes: number): void {
  const what = kindOf(about)
  if (what !== undefined) throw new NotPlainFileError(path, what)
  if (about.size > maximumBytes) throw new NotPlainFileError(path, tooLarge(maximumBytes))
}

/** What it is in words; undefined for a plain file. */
export function kindOf(about: Stats): string | undefined {
  if (about.isFile()) return undefined
  if (about.isDirectory()) return 'a folder'
  if (about.isFIFO()) return 'a pipe'
  if (about.isSocket()) return 'a socket'
  return 'a device'
}

function tooLarge(maximumBytes: number): string {
  return `larger than ${maximumBytes >= 2 ** 20 ? `${maximumBytes / 2 ** 20} MiB` : `${maximumBytes / 1024} KiB`}`
}

function timedOut(path: string): Error {
  return Object.assign(new Error(`${path} does not answer`), { code: 'ETIMEDOUT' })
}
