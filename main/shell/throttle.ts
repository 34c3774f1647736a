/** Work that is asked for much more often than it needs to be done. */
export interface Throttled {
  /** Has it done soon: at once, or when the gap since the last time is over. The last asking always counts. */
  ask(): void
  stop(): void
}

/** Does the work at most once in so many ms, never in the middle of what asked for it. */
export function throttle(gapMs: number, work: () => void): Throttled {
  let timer: NodeJS.Timeout | undefined
  let lastMs = Number.NEGATIVE_INFINITY
  const run = () => {
    timer = undefined
    lastMs = performance.now()
    work()
  }
  return {
    ask: () => {
      timer ??= setTimeout(run, Math.max(0, lastMs + gapMs - performance.now()))
    },
    stop: () => clearTimeout(timer),
  }
}
