import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { Refusal } from '../protocol/refusal'
import { writeWhole } from './disk'
import { readPlainText } from './read-file'
import type { System } from './system'

const windowMs = 60_000
const maxCalls = 120

/** What is counted by itself: what changes or tries something, and what only reads, so that neither uses up the other. */
export type Counter = 'switch-calls' | 'readings'

/** Counts one call that asked for no password; under a lock. Fails with NEEDS_ATTENTION, rate-limited. */
export function enforceRateLimit({ runDirectory }: System, counter: Counter, nowMs = Date.now()): void {
  const path = `${runDirectory}/${counter}.json`
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
