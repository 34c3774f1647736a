import type { JobView } from '../../contract/job'
import type { PlanChange } from '../../contract/remote'
import { takenBackWords } from '../../core/jobs/words'
import { formatDuration, plural } from '../../core/text/format'
import { Disclosure } from '../components/layout/disclosure'
import { StateDot } from '../components/signs/state-dot'
import { PlanChanges } from '../questions/plan-changes'
import styles from './job-sheet.module.css'

/** `3 changes on the builder, 1 on this computer`. */
function countBySide(changes: readonly PlanChange[]): string {
  const local = changes.filter(({ where }) => where === 'local').length
  const remote = changes.length - local
  const here = 'on this computer'
  if (remote === 0) return `${plural(local, 'change')} ${here}`
  return `${plural(remote, 'change')} on the builder${local > 0 ? `, ${local} ${here}` : ''}`
}

/** How a job ended: the proof and what was changed, or that all is as it was. */
export function JobEnd({ job }: { job: JobView }) {
  const { kind, state, proof, plan, leftBehind } = job
  if (state === 'cancelled' && leftBehind.length === 0) {
    return <p className={styles.end}>Everything is as it was before, on both sides.</p>
  }
  const takenBack = takenBackWords(job)
  if (takenBack !== undefined) return <p className={styles.end}>{takenBack}</p>
  if (state !== 'done') return null
  return (
    <>
      {proof && (
        <div className={styles.proof}>
          <p className={styles.proofTitle}>
            <StateDot state="ready" />
            <span>
              Built on {proof.builtOn} in {formatDuration(proof.durationMs)}
            </span>
          </p>
          <p className={styles.path}>{proof.outPath}</p>
        </div>
      )}
      {kind === 'add' && plan && plan.changes.length > 0 && (
        <Disclosure title={`What was changed: ${countBySide(plan.changes)}`}>
          <PlanChanges changes={plan.changes} />
        </Disclosure>
      )}
    </>
  )
}
