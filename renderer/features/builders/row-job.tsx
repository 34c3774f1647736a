import { Button } from '@mantine/core'
import type { JobView } from '../../../contract/job'
import { jobRow } from '../../../core/jobs/kinds'
import { jobTitle, stepWords } from '../../../core/jobs/words'
import { FailurePanel } from '../../components/messages/failure-panel'
import { isActive } from '../../labels/state-label'
import { useJob } from '../../state/use-job'
import styles from './row-job.module.css'

/**
 * A builder's job under its row: the step it is at, or why it failed. A job that went well needs no line, unless the
 * person waits to hear what it did.
 */
export function RowJob({ job }: { job: JobView }) {
  const { cancel, dismiss, retry } = useJob(job)
  if (isActive(job)) {
    const step = job.steps.find(({ state }) => state === 'running')
    return (
      <div className={styles.line}>
        <span role="status">
          {step ? stepWords(step.name, step.state) : jobTitle(job.kind, job.builderId)}
          {step?.note && ` — ${step.note}`}
        </span>
        <Button variant="subtle" size="compact-sm" onClick={cancel}>
          Cancel
        </Button>
      </div>
    )
  }
  const told = jobRow(job.kind).sheet === 'at-end' && job.state === 'done' && job.steps.at(-1)?.note
  if (told) {
    return (
      <div className={styles.line}>
        <span role="status">{told}</span>
        <Button variant="subtle" size="compact-sm" onClick={dismiss}>
          Dismiss
        </Button>
      </div>
    )
  }
  if (job.state !== 'failed' || !job.failure) return null
  return (
    <div className={styles.failure}>
      <FailurePanel failure={job.failure} onRetry={retry} onDismiss={dismiss} />
    </div>
  )
}
