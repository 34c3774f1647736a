import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { Refusal } from '../protocol/refusal'
import { writeWhole } from './disk'
import { readPlainText } from './read-file'
import type { System } from './system'

const windowMs = 60_000
const maxCalls = 120

/** Counts one call that asked for no password; under the lock. Fails with NEEDS_ATTENTION, rate-limited. */
export function enforceRateLimit({ runDirectory }: System, nowMs = Date.now()): void {
  const path = `${runDirectory}/switch-calls.json`
  const recent = readCalls(path).filter((at) => at > nowMs - windowMs && at <= nowMs)
  if (recent.length >= maxCalls) {
    throw new Refusal('NEEDS_ATTENTION', 'rate-limited', `More than ${maxCalls} calls in a minute.`)
  }
  writeWhole(path, JSON.stringify([...recent, nowMs]), { mode: 0o600 })
}

function readCalls(path: string): number[] {
  if (!existsSync(path)) return []
  try {
    return v.parse(v.array(v.number()), JSON.parse(readPlainText(path)))
  } catch {
    // A file cut short by a crash counts as none: root alone writes it.
    return []
  }
}
