import type { Handlers } from '../../contract/commands'
import type { Store } from '../store'

/** What the command line needs of the app. */
export interface AppView {
  readonly handlers: Handlers
  readonly store: Store
}
