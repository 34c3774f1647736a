import { existsSync, statSync } from 'node:fs'
import * as v from 'valibot'
import { InTheWay } from '../../contract/daemon'
import { makeDirectory, writeWhole } from '../system/disk'
import { readPlainText } from '../system/read-file'
import type { System } from '../system/system'

const Read = v.object({ startedMs: v.number(), inTheWay: v.optional(InTheWay) })

/** The kernel tells the start of a process to the second, by a clock of its own. */
const toleranceMs = 1_000

/**
 * What the running daemon goes by, which has read its files once, at its start: what they say while none of them is newer
 * than it, and from then on what they said. Noted until the next start of this computer, by root alone; where nothing is
 * noted, the files count.
 */
export function asReadByDaemon(
  system: System,
  startedMs: number | undefined,
  files: Iterable<string>,
  now: InTheWay | undefined,
): InTheWay | undefined {
  if (startedMs === undefined) return now
  const path = `${system.runDirectory}/daemon-read.json`
  if ([...files].every((file) => changedMs(file) <= startedMs + toleranceMs)) {
    note(system, path, { startedMs, ...(now ? { inTheWay: now } : {}) })
    return now
  }
  const noted = readNote(path)
  const isSameDaemon = noted && Math.abs(noted.startedMs - startedMs) <= toleranceMs
  const then = isSameDaemon ? noted.inTheWay : undefined
  if (now || !then) return now
  const { file, line } = then
  return { cause: 'not-restarted', file, ...(line === undefined ? {} : { line }) }
}

function changedMs(file: string): number {
  return existsSync(file) ? statSync(file).ctimeMs : 0
}

function note(system: System, path: string, read: v.InferOutput<typeof Read>): void {
  try {
    makeDirectory(system.runDirectory, 0o755)
    writeWhole(path, JSON.stringify(read), { mode: 0o600 })
  } catch {
    // It only tells more where there is one; two who note at once say the same.
  }
}

function readNote(path: string): v.InferOutput<typeof Read> | undefined {
  try {
    return v.parse(Read, JSON.parse(readPlainText(path)))
  } catch {
    // None yet, or cut short.
    return undefined
  }
}
