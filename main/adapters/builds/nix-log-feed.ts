import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createNixLog, type LoggedBuild, type LoggedEnd } from '../../../core/builds/nix-log'

export interface NixLogFeed {
  /** What runs by the log, and what has ended since the last look; undefined where there is no log to read. */
  read(): Promise<
    { readonly running: readonly LoggedBuild[]; readonly ended: readonly LoggedEnd[] } | undefined
  >
}

/** At the first look, and where more was written since the last one than anybody reads in time. */
const mostBytes = 4 * 2 ** 20
const longestLine = 64 * 1024
/** Each asking runs Nix itself. */
const lookUpEveryMs = 10 * 60_000

/**
 * Follows the file that Nix's processes write their log to (`json-log-path`), as it grows, is cut or is replaced.
 * `findPath` returns which one that is; it is asked rarely. Sockets are left alone: who listens can hold up a build.
 */
export function createNixLogFeed(
  findPath: () => Promise<string | undefined>,
  clock: () => number = () => performance.now(),
): NixLogFeed {
  let path: string | undefined
  let foundMs = Number.NEGATIVE_INFINITY
  let log = createNixLog()
  let file = { inode: 0, offset: 0 }
  let rest = ''

  const refresh = async () => {
    if (clock() - foundMs < lookUpEveryMs) return
    foundMs = clock()
    // Not known now is as good as none; it is asked again.
    const found = await findPath().catch(() => undefined)
    if (found === path) return
    path = found
    log = createNixLog()
    file = { inode: 0, offset: 0 }
    rest = ''
  }
  return {
    read: async () => {
      await refresh()
      if (path === undefined) return undefined
      try {
        const { size, ino, isFile } = await seen(path)
        if (!isFile) return undefined
        const isAnother = ino !== file.inode || size < file.offset
        const from = Math.max(isAnother ? 0 : file.offset, size - mostBytes)
        // The first line after a gap has no beginning.
        const hasGap = from > 0 && from !== file.offset
        if (isAnother || hasGap) rest = ''
        const text = size > from ? await read(path, from, size - from) : ''
        file = { inode: ino, offset: from + Buffer.byteLength(text, 'latin1') }
        take(hasGap ? text.slice(text.indexOf('\n') + 1) : text)
      } catch {
        // Without this log the other feeds go on.
        return undefined
      }
      log.keepOnly(isAlive)
      return { running: log.running(), ended: log.takeEnded() }
    },
  }

  function take(text: string): void {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) rest = ''
    for (const line of lines) if (line.length <= longestLine) log.take(Buffer.from(line, 'latin1').toString())
  }
}

async function seen(path: string) {
  const stats = await stat(path)
  return { size: stats.size, ino: stats.ino, isFile: stats.isFile() }
}

/** One byte is one letter until a line is whole: a look may end in the middle of a letter of UTF-8. */
async function read(path: string, from: number, length: number): Promise<string> {
  // It may have become a pipe since it was looked at.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, from)
    return buffer.subarray(0, bytesRead).toString('latin1')
  } finally {
    await handle.close()
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
