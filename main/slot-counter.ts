import { coalesce } from '../core/sync/coalesce'
import { shareStructure } from '../core/sync/structural-sharing'
import type { SlotsPort } from './ports/slots'
import type { Store } from './store'

/**
 * Returns what counts the slots in use and puts them into the store, the only one to do so: one count after another,
 * so that no older one overwrites a newer.
 */
export function createSlotCounter(slots: Pick<SlotsPort, 'taken'>, store: Store): () => Promise<void> {
  return coalesce(async () => {
    const taken = await slots.taken()
    const before = store.state().slots
    const now = taken && shareStructure(before, Object.fromEntries(taken))
    if (now !== before) store.update({ slots: now })
  })
}
