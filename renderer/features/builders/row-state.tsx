import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { formatAgo } from '../../../core/text/format'
import { isActive, type StateLabel, stateLabel } from '../../labels/state-label'
import { useNow } from '../../state/use-now'
import styles from './builder-list.module.css'

interface RowStateProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
  readonly building: string | undefined
  readonly lastBuildAt: string | undefined
}

/** A row's line of state by itself: what changes with the time of day alone draws no whole row anew. */
export function RowState(props: RowStateProps) {
  const { word, why } = wordsOf(props, useNow())
  return (
    <div className={styles.state} title={why ? `${word} · ${why}` : word}>
      <span className={styles.word}>{word}</span>
      {why && ` · ${why}`}
    </div>
  )
}

/** Where nothing is wrong: what builds there, or when something last did. */
function wordsOf({ builder, job, building, lastBuildAt }: RowStateProps, nowMs: number): StateLabel {
  const { word, why } = stateLabel(builder, job, nowMs)
  if (why !== undefined || (job && isActive(job))) return { word, ...(why ? { why } : {}) }
  if (building !== undefined) return { word, why: building }
  if (builder.state !== 'ready' || lastBuildAt === undefined) return { word }
  return { word, why: `last build ${formatAgo(nowMs - Date.parse(lastBuildAt))}` }
}
