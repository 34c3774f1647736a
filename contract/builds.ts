/**
 * Where the knowledge of running builds comes from, the best first: Nix's own log (`json-log-path`, Nix 2.30),
 * Determinate's `nix ps`, the locks of Nix in `/proc/locks`, the table of processes.
 */
export type BuildFeed = 'json-log' | 'nix-ps' | 'locks' | 'processes' | 'none'

/** What a build does now. `waiting`: for a slot, a lock or a connection. */
export type BuildActivity = 'waiting' | 'copying-inputs' | 'building' | 'copying-outputs'

export interface RunningBuild {
  /** The same as long as it runs. */
  readonly id: string
  /** `hello-2.12`; empty where the feed cannot tell. */
  readonly name: string
  readonly drvPath?: string
  /** The builder's id; or, of a machine that is not ours, its URI; absent: this computer. */
  readonly builder?: string
  /** Login name of who asked for it. */
  readonly user?: string
  /** ISO 8601 */
  readonly startedAt: string
  readonly activity: BuildActivity
  /** Of a standard environment: `unpackPhase` … */
  readonly phase?: string
  /** Of what is being copied. */
  readonly copied?: { readonly doneBytes: number; readonly totalBytes: number }
  /** The last lines, at most 20 of at most 200 characters, cleaned; none where the feed has no log. */
  readonly logTail: readonly string[]
  /** How long builds of this name took of late, in ms. */
  readonly expectedMs?: number
}

export interface FinishedBuild
  extends Pick<RunningBuild, 'id' | 'name' | 'drvPath' | 'builder' | 'user' | 'startedAt'> {
  readonly durationMs: number
  /** `unknown` where the feed cannot tell. */
  readonly outcome: 'built' | 'failed' | 'unknown'
  /** Of one that failed: its last lines, as of one that runs; absent where the feed has no log. */
  readonly logTail?: readonly string[]
}

/** All builds of this computer's Nix, whoever asked. */
export interface BuildsView {
  readonly feed: BuildFeed
  readonly running: readonly RunningBuild[]
  /** The latest first, at most 100. */
  readonly finished: readonly FinishedBuild[]
}

export const noBuilds: BuildsView = { feed: 'none', running: [], finished: [] }
