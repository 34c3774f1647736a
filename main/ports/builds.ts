import type { BuildFeed, RunningBuild } from '../../contract/builds'

/** A build as it is seen now, before its past is known. */
export type ObservedBuild = Omit<RunningBuild, 'expectedMs'>

/** A build that has ended, where the feed tells how. */
export interface EndedBuild {
  readonly id: string
  readonly outcome: 'built' | 'failed' | 'unknown'
}

export interface ObservedBuilds {
  /** The best that this computer's Nix offers now. */
  readonly feed: BuildFeed
  readonly running: readonly ObservedBuild[]
  /** Since the last look. One that is neither here nor running has ended too, one knows not how. */
  readonly ended: readonly EndedBuild[]
}

/** What each builder says is built there, by its id; helps a feed that cannot tell which build is where. */
export type BuilderLists = ReadonlyMap<string, readonly string[]>

/** All builds of this computer's Nix, whoever asked. Needs no rights; takes no lock. */
export interface BuildsPort {
  /** Never fails: what cannot be read is left out, and the feed is `none` where nothing can. */
  observe(lists: BuilderLists): Promise<ObservedBuilds>
  close(): void
}
