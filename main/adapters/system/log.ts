import { mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import electronLog from 'electron-log/node'
import { logEvents, logLine } from '../../../core/log/entry'
import type { Log } from '../../ports/log'

export interface LogOptions {
  readonly folder: string
  /** The process that writes: each has a file of its own, `app.log` or `terminal.log`. */
  readonly name: 'app' | 'terminal'
  readonly maxBytes?: number
}

/** `app.log` and so many older ones, `app.1.log` the newest of them. */
const olderFiles = 3

/**
 * A rotating file by electron-log, of mode 0600 in a folder of mode 0700. Written at once, so that the last line
 * before a crash is there. Where it cannot be written, everything goes on without it.
 */
export function createLog({ folder, name, maxBytes = 1024 ** 2 }: LogOptions): Log {
  const logger = electronLog.create({ logId: name })
  const { console, file, ipc, remote } = logger.transports
  console.level = false
  // The library tells of a file that it cannot write by this, past the level; stdout belongs to the command.
  console.writeFn = () => undefined
  if (ipc) ipc.level = false
  if (remote) remote.level = false
  const pathOf = (age: number) => join(folder, age === 0 ? `${name}.log` : `${name}.${age}.log`)
  file.resolvePathFn = () => pathOf(0)
  // Otherwise it looks for a package.json, and writes nothing where there is none.
  file.setAppName('millwright')
  file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' }
  file.maxSize = maxBytes
  file.format = '{text}'
  file.archiveLogFn = () => {
    for (let age = olderFiles; age > 0; age--) move(pathOf(age - 1), pathOf(age))
  }
  let isReady = false
  return {
    write: (event, fields) => {
      try {
        if (!isReady) mkdirSync(folder, { recursive: true, mode: 0o700 })
        // Opening a pipe would wait for who reads it.
        isReady ||= isPlainOrMissing(pathOf(0))
        if (!isReady) return
        logger[logEvents[event]](logLine(Date.now(), event, fields))
      } catch {
        // A disk that is full or read-only must not stop what the line is about.
      }
    },
  }
}

function isPlainOrMissing(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // There are not so many yet, or another process was faster.
  }
}
