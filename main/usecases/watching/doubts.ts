import type { Ports } from '../../ports/ports'

/** Between two looks at one builder for the sake of its builds: twice as long each time, while they go on well. */
const firstGapMs = 3_000
const longestGapMs = 5 * 60_000
/** After so long without one the builder is looked at at once again. */
const quietMs = 60_000

interface Doubt {
  readonly lastMs: number
  readonly gapMs: number
  readonly isPlanned: boolean
}

/**
 * Turns each build that was given up soon into a look at its builder, at once; a builder with many short builds is
 * looked at seldom, and after the last of them all the same.
 */
export function createDoubts(
  { clock, jitteredSleep }: Pick<Ports, 'clock' | 'jitteredSleep'>,
  signal: AbortSignal,
  look: (id: string) => void,
): (id: string) => void {
  const doubts = new Map<string, Doubt>()
  return (id) => {
    const nowMs = clock.now().getTime()
    const before = doubts.get(id)
    if (before?.isPlanned) return
    const isQuiet = !before || Math.abs(nowMs - before.lastMs) > before.gapMs + quietMs
    const waitMs = isQuiet ? 0 : Math.max(0, before.lastMs + before.gapMs - nowMs)
    const gapMs = isQuiet ? firstGapMs : Math.min(2 * before.gapMs, longestGapMs)
    doubts.set(id, { lastMs: nowMs, gapMs, isPlanned: true })
    const begin = () => {
      doubts.set(id, { lastMs: clock.now().getTime(), gapMs, isPlanned: false })
      if (!signal.aborted) look(id)
    }
    if (waitMs === 0) begin()
    else void jitteredSleep(waitMs, signal).then(begin)
  }
}
