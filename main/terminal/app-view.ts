import type { Handlers } from '../../contract/api'
import type { Store } from '../store'

/** What the command line needs of the app. */
export interface AppView {
  readonly handlers: Handlers
  readonly store: Store
  /** Watches builders (or that one) and builds, and changes nothing; what it sees is in the store. */
  follow(id?: string): Following
}

export interface Following {
  /** Settles once each builder has been probed, at the latest after about 10 s, and builds have been observed. */
  readonly probed: Promise<void>
  stop(): void
}

/** Watches until each builder (or that one) has been probed once. */
export async function probeOnce(app: Pick<AppView, 'follow'>, id?: string): Promise<void> {
  const following = app.follow(id)
  await following.probed
  following.stop()
}
