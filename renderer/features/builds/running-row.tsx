import { VisuallyHidden } from '@mantine/core'
import { memo } from 'react'
import type { RunningBuild } from '../../../contract/builds'
import { Disclosure } from '../../components/layout/disclosure'
import { StateDot } from '../../components/signs/state-dot'
import { BuildDoing, Elapsed } from './build-doing'
import { BuildPlace } from './build-place'
import { nameOf } from './build-words'
import styles from './builds.module.css'

interface RunningRowProps {
  readonly build: RunningBuild
  readonly isOurs: boolean
  readonly onShow: (id: string) => void
}

/** A build that runs: what, where, for whom, since when, and what it does now. */
export const RunningRow = memo(function RunningRow({ build, isOurs, onShow }: RunningRowProps) {
  const { builder, user, startedAt, activity, logTail, drvPath } = build
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.what}>
          <span className={styles.dot}>
            <StateDot state={activity === 'waiting' ? 'paused' : 'busy'} />
          </span>
          <div className={styles.words}>
            <div className={styles.name} title={drvPath ?? nameOf(build)}>
              {nameOf(build)}
            </div>
            <div className={styles.doing}>
              <BuildDoing build={build} />
            </div>
          </div>
        </div>
        <BuildPlace builder={builder} isOurs={isOurs} onShow={onShow} />
        <User user={user} />
        <div className={styles.time}>
          <Elapsed since={startedAt} />
        </div>
      </div>
      {logTail.length > 0 && (
        <div className={styles.log}>
          <Disclosure title="Log">
            <pre className={styles.lines}>{logTail.join('\n')}</pre>
          </Disclosure>
        </div>
      )}
    </div>
  )
})

/** Who asked for it, where that is known. */
export function User({ user }: { user: string | undefined }) {
  if (user !== undefined) {
    return (
      <span className={styles.clipped} title={user}>
        <VisuallyHidden>for </VisuallyHidden>
        {user}
      </span>
    )
  }
  return (
    <span className={styles.dim}>
      <span aria-hidden>–</span>
      <VisuallyHidden>nobody says for whom</VisuallyHidden>
    </span>
  )
}
