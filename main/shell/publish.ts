import type { Snapshot } from '../../contract/snapshot'
import type { SnapshotDelta } from '../../contract/snapshot-delta'
import { deltaOf } from '../../core/sync/snapshot-delta'
import type { SnapshotSource } from './source'
import { throttle } from './throttle'

/** Who hears of changes: nothing is sent to a window that nobody sees. */
export interface Audience {
  isWatching(): boolean
  send(delta: SnapshotDelta): void
}

export interface Published {
  /** All there is, for a window that asks; from there on it is sent what changes. */
  whole(): Snapshot
  /** To be called when somebody begins to watch. */
  refresh(): void
  stop(): void
}

/** Sends what changed to an audience that has asked for the whole: at most ten a second, the last one always. */
export function publish(source: SnapshotSource, audience: Audience): Published {
  /** What the window has. */
  let had: Snapshot | undefined
  const sending = throttle(100, () => {
    if (!had || !audience.isWatching()) return
    const next = source.snapshot()
    const delta = deltaOf(had, next)
    if (!delta) return
    had = next
    audience.send(delta)
  })
  const unsubscribe = source.subscribe(() => {
    if (audience.isWatching()) sending.ask()
  })
  return {
    whole: () => {
      had = source.snapshot()
      return had
    },
    refresh: sending.ask,
    stop() {
      unsubscribe()
      sending.stop()
    },
  }
}
