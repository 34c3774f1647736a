import { ActionIcon, Button } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { RunningBuild } from '../../../contract/builds'
import type { JobView } from '../../../contract/job'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { formatLatency } from '../../../core/text/format'
import { Page } from '../../components/layout/page'
import { StateDot } from '../../components/signs/state-dot'
import { Ago } from '../../components/text/ago'
import { dotForState, isActive, isAnswering, stateLabel } from '../../labels/state-label'
import { useCommands } from '../../state/api-context'
import { useNow } from '../../state/use-now'
import { SubstituterCard } from '../substituter/substituter-card'
import { BuilderMenu } from './builder-menu'
import styles from './builder-page.module.css'
import { BuildingCard } from './building-card'
import { LoadCard } from './load-card'
import { MachineCard } from './machine-card'
import { NixCard } from './nix-card'
import { PauseButton } from './pause-button'
import { ProofCard } from './proof-card'
import { Trouble } from './trouble'
import { WrittenCard } from './written-card'

interface BuilderPageProps {
  readonly builder: BuilderView
  readonly jobs: readonly JobView[]
  /** All that run, wherever. */
  readonly running: readonly RunningBuild[]
  readonly localFiles: Snapshot['localFiles']
  readonly onBack: () => void
}

/** Everything that is known of one builder, and what can be done with it. */
export function BuilderPage({ builder, jobs, running, localFiles, onBack }: BuilderPageProps) {
  const { act } = useCommands()
  const back = useRef<HTMLButtonElement>(null)
  useEffect(() => back.current?.focus({ preventScroll: true }), [])

  const { id, proof, health } = builder
  const sample = health?.sample
  const job = jobs.find(({ builderId }) => builderId === id)
  const busy = job !== undefined && isActive(job)
  const { word, why } = stateLabel(builder, job, useNow())
  return (
    <Page
      title={id}
      before={
        <>
          <ActionIcon ref={back} color="dim" aria-label="All builders" onClick={onBack}>
            <IconArrowLeft size={16} />
          </ActionIcon>
          <StateDot state={dotForState(builder, job)} />
        </>
      }
      status={
        <>
          {word}
          {why && ` · ${why}`}
          {sample && isAnswering(builder) && ` · answers in ${formatLatency(sample.latencyMs)}`}
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
          <PauseButton builder={builder} busy={busy} />
          <BuilderMenu builder={builder} job={job} />
        </>
      }
    >
      <Trouble builder={builder} job={job} />
      <div className={styles.columns}>
        <div className={styles.wide}>
          <LoadCard key={id} id={id} cpus={sample?.cpus} />
        </div>
        <div className={styles.column}>
          <BuildingCard
            builds={running.filter((build) => build.builder === id)}
            slots={builder.runningBuilds ?? 0}
            sample={sample}
            isLost={!isAnswering(builder)}
          />
          <NixCard builder={builder} localFiles={localFiles} />
          <WrittenCard builder={builder} />
        </div>
        <div className={styles.column}>
          <SubstituterCard builder={builder} job={job} />
          <ProofCard builder={builder} job={job} />
          {builder.facts && <MachineCard builder={builder} facts={builder.facts} busy={busy} />}
        </div>
      </div>
    </Page>
  )
}
