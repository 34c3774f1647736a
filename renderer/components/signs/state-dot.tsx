import type { BuilderState } from '../../../contract/snapshot'
import styles from './state-dot.module.css'

/** `busy` is also what `building` looks like. */
export type DotState = BuilderState | 'busy'

/** A state by shape and colour both; the word always stands beside it. */
export function StateDot({ state }: { state: DotState }) {
  return <span className={styles.dot} data-state={state} aria-hidden />
}
