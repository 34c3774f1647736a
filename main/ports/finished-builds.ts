import type { FinishedBuild } from '../../contract/builds'

/** The history of builds on disk. Never fails: it is worth no error. */
export interface FinishedBuildsPort {
  /** The latest first; none where nothing can be read. */
  read(): Promise<readonly FinishedBuild[]>
  write(finished: readonly FinishedBuild[]): Promise<void>
}
