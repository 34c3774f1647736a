import type { Snapshot } from '../../contract/snapshot'
import type { SnapshotSource } from './source'

/** Who gets snapshots: nothing is sent to a window that nobody sees. */
export interface Audience {
  isWatching(): boolean
  send(snapshot: Snapshot): void
}

const gapMs = 100

/**
 * Sends each change to the audience, at most ten a second; the last one always arrives. Answers `refresh`,
 * to be called when somebody begins to watch.
 */
export function publish(source: SnapshotSource, audience: Audience): { refresh(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  let lastSentMs = -gapMs
  const send = () => {
    timer = undefined
    if (!audience.isWatching()) return
    lastSentMs = performance.now()
    audience.send(source.snapshot())
  }
  const schedule = () => {
    timer ??= setTimeout(send, Math.max(0, lastSentMs + gapMs - performance.now()))
  }
  const unsubscribe = source.subscribe(schedule)
  return {
    refresh: schedule,
    stop() {
      unsubscribe()
      clearTimeout(timer)
    },
  }
}
