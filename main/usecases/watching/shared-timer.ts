import type { Ports } from '../../ports/ports'

/** A wait of about so many ms that may end a little earlier, together with those of others; `cancel` ends it at once. */
export type SharedTimer = (
  ms: number,
  signal: AbortSignal,
) => { readonly done: Promise<void>; cancel(): void }

/**
 * Has those who wait equally long wait for the same moment: the processor wakes once for all of them, and what they
 * find is shown at once. Whoever comes before half of a round is over joins it; after a few rounds it is one for all.
 */
export function createSharedTimer(
  { jitteredSleep, clock }: Pick<Ports, 'jitteredSleep' | 'clock'>,
  stopped: AbortSignal,
): SharedTimer {
  interface Round {
    readonly ms: number
    readonly startMs: number
    readonly done: Promise<void>
  }
  let round: Round | undefined
  const begin = (ms: number, startMs: number): Round => {
    const done = jitteredSleep(ms, stopped)
    const begun = { ms, startMs, done }
    void done.then(() => {
      if (round === begun) round = undefined
    })
    return begun
  }
  return (ms, signal) => {
    const nowMs = clock.now().getTime()
    if (!round || round.ms !== ms || Math.abs(nowMs - round.startMs) > ms / 2) round = begin(ms, nowMs)
    return untilCancelled(round.done, signal)
  }
}

function untilCancelled(ended: Promise<void>, signal: AbortSignal) {
  let cancel = () => {}
  const done = new Promise<void>((resolve) => {
    cancel = () => {
      signal.removeEventListener('abort', cancel)
      resolve()
    }
    void ended.then(cancel)
  })
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  return { done, cancel }
}
