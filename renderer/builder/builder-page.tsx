import { ActionIcon, Button } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { JobView } from '../../contract/job'
import type { BuilderView } from '../../contract/snapshot'
import { useCommands } from '../api-context'
import { BuilderMenu } from '../builders/builder-menu'
import { Ago } from '../parts/ago'
import { FailurePanel } from '../parts/failure-panel'
import { Page } from '../parts/page'
import { StateDot } from '../parts/state-dot'
import { isActive, shownBuilder } from '../show-state'
import { useJob } from '../use-job'
import styles from './builder-page.module.css'
import { MachineCard } from './machine-card'
import { NixCard } from './nix-card'
import { ProofCard } from './proof-card'
import { WrittenCard } from './written-card'

interface BuilderPageProps {
  readonly builder: BuilderView
  readonly jobs: readonly JobView[]
  readonly onBack: () => void
}

/** Everything that is known of one builder, and what can be done with it. */
export function BuilderPage({ builder, jobs, onBack }: BuilderPageProps) {
  const { act } = useCommands()
  const back = useRef<HTMLButtonElement>(null)
  useEffect(() => back.current?.focus({ preventScroll: true }), [])

  const { id, enabled, proof } = builder
  const job = jobs.find(({ builderId }) => builderId === id)
  const busy = job !== undefined && isActive(job)
  const { dot, word, why } = shownBuilder(builder, job)
  return (
    <Page
      title={id}
      before={
        <>
          <ActionIcon ref={back} color="dim" aria-label="All builders" onClick={onBack}>
            <IconArrowLeft size={16} />
          </ActionIcon>
          <StateDot state={dot} />
        </>
      }
      status={
        <>
          {word}
          {why && ` · ${why}`}
          {proof && (
            <>
              {' · proven '}
              <Ago at={proof.at} />
            </>
          )}
        </>
      }
      actions={
        <>
          <Button disabled={busy} onClick={() => void act('test-builder', { id })}>
            Send a test build
          </Button>
          <Button
            disabled={busy}
            onClick={() => void act(enabled ? 'pause-builder' : 'resume-builder', { id })}
          >
            {enabled ? 'Pause' : 'Resume'}
          </Button>
          <BuilderMenu builder={builder} job={job} />
        </>
      }
    >
      <Trouble builder={builder} job={job} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <NixCard builder={builder} />
          <WrittenCard builder={builder} />
        </div>
        <div className={styles.column}>
          <ProofCard builder={builder} job={job} />
          {builder.facts && <MachineCard facts={builder.facts} />}
        </div>
      </div>
    </Page>
  )
}

/** What is wrong: the job that just failed, else the lasting reason why the builder is not ready. */
function Trouble({ builder, job }: { builder: BuilderView; job: JobView | undefined }) {
  if (job?.state === 'failed' && job.failure) return <FailedJob job={job} />
  if (!builder.failure) return null
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
      {failure && <FailurePanel failure={failure} onRetry={() => void act('test-builder', { id })} />}
    </div>
  )
}
