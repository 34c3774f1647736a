import { isDeepEqual } from '../../../core/sync/structural-sharing'
import type { SwitchNote } from '../../ports/records'

/** Whether nobody has decided anything else since. */
export function isSameNote(one: SwitchNote | undefined, other: SwitchNote | undefined): boolean {
  return isDeepEqual(one, other)
}
