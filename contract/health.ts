import type { Failure } from './failure'

/**
 * One sample of a builder: one line of `remote/probe.sh`, parsed and capped. What that system does not tell, or does
 * not let the watching user see, is absent.
 */
export interface Sample {
  /** When it arrived, in ms since the epoch, by this computer's clock. */
  readonly atMs: number
  /** From asking to the first byte of the answer. */
  readonly latencyMs: number
  /** Changes with each start of that machine. */
  readonly bootId?: string
  readonly uptimeSeconds?: number
  readonly load1: number
  readonly cpus: number
  /** Percent of the last 10 s in which some task waited for it: `some avg10` of proc(5) pressure files. */
  readonly cpuPressure?: number
  readonly memoryPressure?: number
  readonly memoryBytes: number
  readonly memoryFreeBytes: number
  readonly storeBytes?: number
  readonly storeFreeBytes?: number
  /** Free where builds are made. */
  readonly buildFreeBytes?: number
  /** `2.8.0`; absent: its programs are not where they were. */
  readonly nixVersion?: string
  /** Builds of anybody that run there now. */
  readonly builds?: number
  /** Names of derivations that are being built there, as far as its build folders tell; at most 64. */
  readonly buildNames: readonly string[]
  /** That machine's clock minus ours; no finer than its source, about a second. */
  readonly clockOffsetMs?: number
}

export const healthStates = [
  'ready',
  'building',
  'slow',
  'unreachable',
  'refused',
  'nix-broken',
  'disk-low',
  'needs-you',
  'unproven',
] as const
export type HealthState = (typeof healthStates)[number]

/** How a watched builder does now, folded from samples and handshakes. */
export interface HealthView {
  readonly state: HealthState
  /** ISO 8601: since when it is in this state. */
  readonly since: string
  /** Why, for every state but ready, building and unproven: changed since the last handshake, the next is due. */
  readonly failure?: Failure
  /** The last one; kept, with its age, when the builder no longer answers. */
  readonly sample?: Sample
  /** Load over CPUs from the stored series, 30 points of 30 s each, the latest last; -1 where nothing is known. */
  readonly trend: readonly number[]
  /** When the store is full if it goes on as of late, in ms from the last sample; absent: not within a day. */
  readonly fullInMs?: number
  /** ISO 8601: when root's own handshake last passed; absent when what it was about has changed since. */
  readonly handshakeAt?: string
  /** What the app beside a terminal says instead, where the terminal's own look has just seen otherwise. */
  readonly toldState?: HealthState
}

/** One point of a chart; a value that was not known then is absent. */
export interface SeriesPoint {
  readonly atMs: number
  readonly load1?: number
  /** 0–1 */
  readonly memoryUsed?: number
  readonly slots?: number
  readonly storeFreeBytes?: number
  readonly latencyMs?: number
}

/** The last hour in steps of 10 s, the last day in steps of 5 min; oldest first, gaps left out. */
export interface Series {
  readonly span: SeriesSpan
  readonly stepMs: number
  readonly points: readonly SeriesPoint[]
}
export type SeriesSpan = 'hour' | 'day'
