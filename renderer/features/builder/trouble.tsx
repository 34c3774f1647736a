import { Button } from '@mantine/core'
import type { Failure } from '../../../contract/failure'
import type { JobView } from '../../../contract/job'
import type { BuilderState, BuilderView } from '../../../contract/snapshot'
import { failureWords } from '../../../core/failures/words'
import { returnWords } from '../../../core/status/builder-words'
import { FailurePanel } from '../../components/messages/failure-panel'
import { Notice } from '../../components/messages/notice'
import { Ago } from '../../components/text/ago'
import { CopyButton } from '../../components/text/copy-button'
import { isActive } from '../../labels/state-label'
import { useCommands } from '../../state/api-context'
import { useJob } from '../../state/use-job'
import { FreeSpaceButton, lowWords } from '../notices/disk-notices'
import styles from './builder-page.module.css'

interface TroubleProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
}

/** What is wrong: the job that just failed, else the lasting reason why the builder is not ready. */
export function Trouble({ builder, job }: TroubleProps) {
  if (job?.state === 'failed' && job.failure) return <FailedJob job={job} />
  if (builder.suspendedSince !== undefined)
    return <Suspended builder={builder} since={builder.suspendedSince} />
  if (builder.state === 'disk-low') return <DiskLow builder={builder} job={job} />
  if (!builder.failure) return null
  if (builder.quarantined) return <Quarantined builder={builder} job={job} />
  if (isWorking(builder.state)) return <WorksAllTheSame failure={builder.failure} />
  return <LastingFailure builder={builder} />
}

function FailedJob({ job }: { job: JobView }) {
  const { retry, dismiss } = useJob(job)
  return (
    <div className={styles.trouble}>
      {job.failure && <FailurePanel failure={job.failure} onRetry={retry} onDismiss={dismiss} />}
    </div>
  )
}

function LastingFailure({ builder: { id, failure } }: { builder: BuilderView }) {
  const { act } = useCommands()
  return (
    <div className={styles.trouble}>
      {failure && (
        <FailurePanel
          failure={failure}
          onRetry={() => void act('test-builder', { id })}
          onResume={() => void act('resume-builder', { id })}
        />
      )}
    </div>
  )
}

/** Nothing but an administrator's word ends it, after a look at both fingerprints. */
function Quarantined({ builder: { id, failure }, job }: TroubleProps) {
  const { act } = useCommands()
  if (!failure) return null
  const { title, cause, remedy } = failureWords(failure)
  return (
    <div className={styles.trouble}>
      <Notice tone="broken" role="alert" title={title}>
        <p>{cause}</p>
        <p className={styles.remedy}>{remedy}</p>
        <div className={styles.actions}>
          <Button
            disabled={job !== undefined && isActive(job)}
            onClick={() => void act('accept-host-key', { id })}
          >
            Compare the host keys…
          </Button>
        </div>
      </Notice>
    </div>
  )
}

function DiskLow({ builder, job }: TroubleProps) {
  const since = builder.health?.since
  return (
    <div className={styles.trouble}>
      <Notice
        tone="attention"
        title={`${builder.id} is running out of space.`}
        action={<FreeSpaceButton builder={builder} job={job} />}
      >
        {lowWords(builder)}
        {since !== undefined && (
          <>
            {' '}
            First seen <Ago at={since} />.
          </>
        )}
      </Notice>
    </div>
  )
}

const isWorking = (state: BuilderState) => state === 'ready' || state === 'building' || state === 'slow'

/** Something is not as it should be, but builds go on: said calmly. */
function WorksAllTheSame({ failure }: { failure: Failure }) {
  const { title, cause, remedy } = failureWords(failure)
  return (
    <div className={styles.trouble}>
      <Notice tone="attention" title={title}>
        {cause} {remedy}
      </Notice>
    </div>
  )
}

/** Said calmly, as Nix does not wait for it: since when, why, and what it takes to end. */
function Suspended({ builder: { id, failure }, since }: { builder: BuilderView; since: string }) {
  const { act } = useCommands()
  const words = failure && failureWords(failure)
  return (
    <div className={styles.trouble}>
      <Notice tone="attention" title={words?.title ?? `${id} does not answer`}>
        {words && <p>{words.cause}</p>}
        <p className={styles.suspended}>
          Suspended <Ago at={since} />: Nix does not wait for it. {returnWords(failure)}
        </p>
        <div className={styles.actions}>
          <Button onClick={() => void act('resume-builder', { id })}>Use it all the same</Button>
          {failure?.detail && <CopyButton text={failure.detail} label="Copy detail" />}
        </div>
      </Notice>
    </div>
  )
}
