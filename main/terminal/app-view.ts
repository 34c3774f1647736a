import type { Handlers } from '../../contract/commands'
import type { Store } from '../store'

/** What the command line needs of the app. */
export interface AppView {
  readonly handlers: Handlers
  readonly store: Store
  /** Sees once how builders (or that one) do and what is built; what was seen is in the store. Changes nothing. */
  lookOnce(id?: string): Promise<void>
  /** The same without end. Returns how to stop. */
  keepLooking(id?: string): () => void
}
