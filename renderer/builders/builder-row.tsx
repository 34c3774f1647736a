import { memo, useEffect, useRef } from 'react'
import type { JobView } from '../../contract/job'
import type { BuilderView } from '../../contract/snapshot'
import { formatDuration } from '../../core/format'
import { Ago } from '../parts/ago'
import { Badge } from '../parts/badge'
import { StateDot } from '../parts/state-dot'
import { dotOf, isActive, stateWords } from '../show-state'
import { RowSwitch } from '../substituter/row-switch'
import { useNow } from '../use-now'
import styles from './builder-list.module.css'
import { BuilderMenu } from './builder-menu'
import { RowJob } from './row-job'

interface BuilderRowProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
  /** When it first appears. */
  readonly takesFocus: boolean
  readonly onShow: (id: string) => void
}

/** More would make rows of different heights, and nobody reads the ninth. */
const mostBadges = 6

/** One builder at a glance: what it is, how it does, when it last proved itself. */
export const BuilderRow = memo(function BuilderRow({ builder, job, takesFocus, onShow }: BuilderRowProps) {
  const { id, host, maxJobs, speedFactor, proof } = builder
  const name = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (takesFocus) name.current?.focus()
  }, [takesFocus])
  const badges = [...builder.systems, ...builder.supportedFeatures, ...builder.mandatoryFeatures]
  const more = badges.length - mostBadges
  return (
    <li className={styles.item}>
      <div className={styles.row}>
        <div className={styles.who}>
          <span className={styles.dot}>
            <StateDot state={dotOf(builder, job)} />
          </span>
          <div className={styles.proof}>
            <div className={styles.title}>
              <button ref={name} type="button" className={styles.name} onClick={() => onShow(id)} title={id}>
                {id}
              </button>
              <span className={styles.host} title={host}>
                {host}
              </span>
            </div>
            <RowState builder={builder} job={job} />
            <div className={styles.badges}>
              {badges.slice(0, more > 1 ? mostBadges : undefined).map((text) => (
                <Badge key={text}>{text}</Badge>
              ))}
              {more > 1 && <Badge>{more} more</Badge>}
            </div>
          </div>
        </div>
        <div className={styles.number}>{maxJobs}</div>
        <div className={styles.number}>× {speedFactor}</div>
        <div className={styles.proof}>
          {proof ? (
            <>
              <Ago at={proof.at} />
              <div className={styles.small} title={proof.builtOn}>
                {formatDuration(proof.durationMs)} on {proof.builtOn}
              </div>
            </>
          ) : (
            <span className={styles.small}>never</span>
          )}
        </div>
        <div className={styles.above}>
          <RowSwitch builder={builder} busy={job !== undefined && isActive(job)} />
        </div>
        <div className={styles.above}>
          <BuilderMenu builder={builder} job={job} onShow={onShow} />
        </div>
      </div>
      {job && <RowJob job={job} />}
    </li>
  )
})

/** Its line of state by itself: what changes with the time of day alone draws no whole row anew. */
function RowState({ builder, job }: Pick<BuilderRowProps, 'builder' | 'job'>) {
  const { word, why } = stateWords(builder, job, useNow())
  return (
    <div className={styles.state} title={why ? `${word} · ${why}` : word}>
      <span className={styles.word}>{word}</span>
      {why && ` · ${why}`}
    </div>
  )
}
