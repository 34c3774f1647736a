import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { memo } from 'react'
import type { FinishedBuild } from '../../../contract/builds'
import { formatDuration } from '../../../core/text/format'
import { Disclosure } from '../../components/layout/disclosure'
import { Ago } from '../../components/text/ago'
import { CopyButton } from '../../components/text/copy-button'
import { BuildPlace } from './build-place'
import { nameOf, outcomeWord } from './build-words'
import styles from './builds.module.css'
import { User } from './running-row'

interface FinishedRowProps {
  readonly build: FinishedBuild
  readonly isOurs: boolean
  readonly onShow: (id: string) => void
}

const icons = { built: IconCheck, failed: IconX, unknown: IconMinus }

/** A build that has ended: how, where, for whom, and how long it took. */
export const FinishedRow = memo(function FinishedRow({ build, isOurs, onShow }: FinishedRowProps) {
  const { builder, user, startedAt, durationMs, outcome, drvPath, logTail = [] } = build
  const hasFailed = outcome === 'failed'
  const Icon = icons[outcome]
  const endedAt = new Date(Date.parse(startedAt) + durationMs).toISOString()
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.what}>
          <span className={styles.outcome} data-outcome={outcome} aria-hidden>
            <Icon size={11} stroke={3} />
          </span>
          <div className={styles.words}>
            <div className={styles.name} title={drvPath ?? nameOf(build)}>
              {nameOf(build)}
            </div>
            <div className={styles.doing}>
              {outcomeWord[outcome]} <Ago at={endedAt} />
            </div>
          </div>
        </div>
        <BuildPlace builder={builder} isOurs={isOurs} onShow={onShow} />
        <User user={user} />
        <div className={styles.time}>{formatDuration(durationMs)}</div>
      </div>
      {hasFailed && (logTail.length > 0 || drvPath !== undefined) && (
        <div className={styles.log}>
          {logTail.length > 0 && (
            <Disclosure title="The end of its log">
              <pre className={styles.lines}>{logTail.join('\n')}</pre>
            </Disclosure>
          )}
          {drvPath !== undefined && (
            <CopyButton
              text={`nix log ${drvPath}`}
              label="Copy the command for its log"
              what={`of ${nameOf(build)}`}
              size="compact-sm"
            />
          )}
        </div>
      )}
    </div>
  )
})
