import type { Handlers } from '../../contract/commands'
import type { Snapshot } from '../../contract/snapshot'
import type { Store } from '../store'

/** State as the shell sees it: what it is now, and that it changed. */
export type SnapshotSource = Pick<Store, 'snapshot' | 'subscribe'>

/** The product behind the tray and the window; `main/compose.ts` makes it. */
export interface App {
  readonly handlers: Handlers
  readonly store: SnapshotSource
  setTray(state: Snapshot['tray']): void
  /** Ends what runs, undoing what is half done. */
  close(): Promise<void>
}
