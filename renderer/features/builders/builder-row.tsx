import { memo } from 'react'
import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { Badge } from '../../components/signs/badge'
import { StateDot } from '../../components/signs/state-dot'
import { dotForState, isActive, isAnswering } from '../../labels/state-label'
import { BuilderMenu } from '../builder/builder-menu'
import { RowSwitch } from '../substituter/row-switch'
import styles from './builder-list.module.css'
import { AnswersCell, JobsCell, LoadCell, StoreCell } from './row-cells'
import { RowJob } from './row-job'
import { RowState } from './row-state'

interface BuilderRowProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
  /** Names of what is being built there. */
  readonly building: string | undefined
  /** ISO 8601: when the last build there ended. */
  readonly lastBuildAt: string | undefined
  readonly onShow: (id: string) => void
}

/** More would make rows of very different heights, and nobody reads the sixth. */
const mostBadges = 5

/** One builder at a glance: what it is, how it does, what it does. */
export const BuilderRow = memo(function BuilderRow(props: BuilderRowProps) {
  const { builder, job, building, lastBuildAt, onShow } = props
  const { id, host, maxJobs, runningBuilds, health } = builder
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.who}>
          <span className={styles.dot}>
            <StateDot state={dotForState(builder, job)} />
          </span>
          <div className={styles.about}>
            <div className={styles.title}>
              <button
                type="button"
                className={styles.name}
                data-row-name
                onClick={() => onShow(id)}
                title={id}
              >
                {id}
              </button>
              <span className={styles.host} title={host}>
                {host}
              </span>
            </div>
            <RowState builder={builder} job={job} building={building} lastBuildAt={lastBuildAt} />
            <Badges builder={builder} />
          </div>
        </div>
        <JobsCell used={runningBuilds} of={maxJobs} />
        <LoadCell health={health} tone={toneOf(builder)} />
        <StoreCell health={health} isLow={builder.state === 'disk-low'} />
        <AnswersCell latencyMs={isAnswering(builder) ? health?.sample?.latencyMs : undefined} />
        <div className={styles.above}>
          <RowSwitch builder={builder} busy={job !== undefined && isActive(job)} />
        </div>
        <div className={styles.above}>
          <BuilderMenu builder={builder} job={job} onShow={onShow} />
        </div>
      </div>
      {job && <RowJob job={job} />}
    </div>
  )
})

function Badges({ builder }: { builder: BuilderView }) {
  const badges = [...builder.systems, ...builder.supportedFeatures, ...builder.mandatoryFeatures]
  const more = badges.length - mostBadges
  const shown = more > 1 ? badges.slice(0, mostBadges) : badges
  return (
    <div className={styles.badges} title={more > 1 ? badges.join(', ') : undefined}>
      {shown.map((text) => (
        <Badge key={text}>{text}</Badge>
      ))}
      {more > 1 && <Badge>{more} more</Badge>}
    </div>
  )
}

function toneOf({ state, runningBuilds = 0 }: BuilderView) {
  if (state === 'slow') return 'attention'
  return runningBuilds > 0 || state === 'building' ? 'busy' : 'quiet'
}
