import { Button } from '@mantine/core'
import type { JobView } from '../../../contract/job'
import { jobTitle, stepWords } from '../../../core/jobs/step-words'
import { FailurePanel } from '../../components/messages/failure-panel'
import { isActive } from '../../labels/state-label'
import { useJob } from '../../state/use-job'
import styles from './row-job.module.css'

/**
 * A builder's job under its row: the step it is at, or why it failed. A job that went well needs no line, unless the
 * person waits to hear how much it freed.
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
  const freed = job.kind === 'collect' && job.state === 'done' && job.steps.at(-1)?.note
  if (freed) {
    return (
      <div className={styles.line}>
        <span role="status">{freed}</span>
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
