/** A pause that ends by itself; in wall time, since it outlives the app. */
export interface Pause {
  /** ISO 8601 */
  readonly until: string
  /** How long it was asked to be, in ms. */
  readonly forMs: number
}

/** A pause that begins now. */
export function pauseFor(forMs: number, nowMs: number): Pause {
  return { until: new Date(nowMs + forMs).toISOString(), forMs }
}

/** What is left of a pause in ms, 0 when it is due; a clock set back makes none longer than it was asked to be. */
export function pauseLeftMs({ until, forMs }: Pause, nowMs: number): number {
  return Math.max(0, Math.min(Date.parse(until) - nowMs, forMs))
}
