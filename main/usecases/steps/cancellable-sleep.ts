import type { JitteredSleep } from '../../ports/monitor'

/**
 * A wait that can be cut short. Not by `AbortSignal.any` over a signal that lives as long as the app: that remembers
 * every wait there ever was.
 */
export function cancellableSleep(
  { jitteredSleep }: { readonly jitteredSleep: JitteredSleep },
  ms: number,
  signal: AbortSignal,
): { readonly done: Promise<void>; cancel(): void } {
  const waiting = new AbortController()
  const cancel = () => waiting.abort()
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel)
  const done = jitteredSleep(ms, waiting.signal).finally(() => signal.removeEventListener('abort', cancel))
  return { done, cancel }
}
