import type { WriteLog } from '../../core/log/entry'

/** What happened, for whoever looks for a cause later: codes, ids and numbers, never a secret or a free text. */
export interface Log {
  readonly write: WriteLog
}
