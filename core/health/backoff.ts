/** What is tried again after it has failed: the first delay, which doubles each time up to the longest; in ms. */
const delays = {
  /** A probe over the held connection, with the watching key. */
  probe: { firstMs: 2_000, longestMs: 30_000 },
  /** A probe that takes a login of root's, where there is no key to probe with. */
  'root-probe': { firstMs: 15_000, longestMs: 60_000 },
  /** Root's handshake with a builder whose probes are answered. */
  handshake: { firstMs: 10_000, longestMs: 300_000 },
  /** A builder that was lost again: how long it must answer before it is reinstated. */
  reinstatement: { firstMs: 15_000, longestMs: 300_000 },
} as const

export type Backoff = keyof typeof delays

/**
 * The delay in ms after so many failures in a row; none after none. Whoever sleeps for it does so by `JitteredSleep`,
 * which adds the jitter to all of them.
 */
export function backoffMs(of: Backoff, failures: number): number {
  const { firstMs, longestMs } = delays[of]
  return failures < 1 ? 0 : Math.min(firstMs * 2 ** (failures - 1), longestMs)
}

/** The delay in ms that no number of failures exceeds. */
export function longestBackoffMs(of: Backoff): number {
  return delays[of].longestMs
}
