import type { SwitchRequest } from '../../contract/helper'
import type { Counter } from '../system/rate-limit'

/** What one call that asked for no password may take of root's. */
export interface Bound {
  /** After so many ms it is ended wherever it is, as if it were killed. */
  readonly longestMs: number
  /** 120 of the same counter a minute. */
  readonly counter: Counter
  /** Of what only so much runs at once: all changes, all readings, trials of one builder (and four in all). */
  readonly oneAtATime: 'change' | 'reading' | 'trial'
}

const reading = { counter: 'readings', oneAtATime: 'reading' } as const
const change = { counter: 'switch-calls', oneAtATime: 'change' } as const
const trial = { counter: 'switch-calls', oneAtATime: 'trial' } as const

/**
 * Each operation of `millwright-switch` with its bounds: every program of whoever sits at the screen may call it, without
 * end. Its memory is bounded for all alike: sixteen processes at once (`letIn`), a request of 256 KiB, 1 MiB of what a
 * program says, 32 MiB of a file. The longest is what its own patience adds up to, with ten seconds for each lock.
 */
export const switchBounds: Readonly<Record<SwitchRequest['op'], Bound>> = {
  status: { ...reading, longestMs: 30_000 },
  'read-daemon': { ...reading, longestMs: 60_000 },
  'set-enabled': { ...change, longestMs: 150_000 },
  'set-many-enabled': { ...change, longestMs: 150_000 },
  ping: { ...trial, longestMs: 300_000 },
  'ping-line': { ...trial, longestMs: 300_000 },
  prove: { ...trial, longestMs: 600_000 },
  'use-new-key': { ...trial, longestMs: 600_000 },
  'drop-new-key': { ...change, longestMs: 150_000 },
}
