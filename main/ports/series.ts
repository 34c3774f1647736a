import type { Series, SeriesPoint, SeriesSpan } from '../../contract/health'

/** The past of each builder for charts: bounded, and kept over restarts. Never fails: a chart is worth no error. */
export interface SeriesPort {
  add(id: string, point: SeriesPoint): void
  /** Gaps are left out. */
  read(id: string, span: SeriesSpan, nowMs: number): Promise<Series>
  /** Forgets builders that are no more. */
  keepOnly(ids: readonly string[]): Promise<void>
  /** Writes what is not yet on disk. */
  flush(): Promise<void>
}
