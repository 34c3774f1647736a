import type { Store } from '../store'

/** State as the shell sees it: what it is now, and that it changed. */
export type SnapshotSource = Pick<Store, 'state' | 'snapshot' | 'subscribe'>
