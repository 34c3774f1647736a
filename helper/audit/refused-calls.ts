import { closeSync, openSync, writeSync } from 'node:fs'
import { makeDirectory, removeFile } from '../system/disk'
import { readPlainText } from '../system/read-file'
import type { System } from '../system/system'

const windowMs = 60_000

/**
 * Counts a call that was refused before it could do anything. Returns how many there were since this was last told, at
 * most once a minute, and else undefined: whoever may call may do so without end, and a log that notes each is soon
 * nothing but that. A byte a call, in a file that is begun anew each minute; a restart forgets it.
 */
export function countRefusedCall(system: System, nowMs = Date.now()): number | undefined {
  const path = `${system.runDirectory}/refused-calls`
  makeDirectory(system.runDirectory, 0o755)
  if (begin(path, nowMs)) return 1
  const [since = '', marks = ''] = readPlainText(path).split('\n')
  const isDue = Math.abs(nowMs - Number(since)) >= windowMs || !/^\d+$/.test(since)
  if (!isDue) {
    add(path, '.', 'a')
    return undefined
  }
  removeFile(path)
  begin(path, nowMs)
  return marks.length + 1
}

/** Returns false where it has been begun. */
function begin(path: string, nowMs: number): boolean {
  try {
    add(path, `${nowMs}\n`, 'wx')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function add(path: string, text: string, flags: 'a' | 'wx'): void {
  const fd = openSync(path, flags, 0o600)
  try {
    writeSync(fd, text)
  } finally {
    closeSync(fd)
  }
}
