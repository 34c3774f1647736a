import type { Series, SeriesPoint, SeriesSpan } from '../../contract/health'

/** The past of each builder for charts: bounded, and kept over restarts. Never fails: a chart is worth no error. */
export interface SeriesPort {
  add(id: string, point: SeriesPoint): void
  /** Gaps are left out. */
  read(id: string, span: SeriesSpan, nowMs: number): Promise<Series>
  /**
   * Load over CPUs in the last 15 min, 30 points of 30 s each, the latest last; -1 where nothing is known, as long as
   * what was stored has not been read.
   */
  trend(id: string, cpus: number, nowMs: number): readonly number[]
  /** Forgets builders that are no more. */
  keepOnly(ids: readonly string[]): Promise<void>
  /** Writes what is not yet on disk. */
  flush(): Promise<void>
}
