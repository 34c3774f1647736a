import { VisuallyHidden } from '@mantine/core'
import type { HealthView } from '../../../contract/health'
import { formatAgo, formatBytes, formatLatency, plural } from '../../../core/text/format'
import { Bar } from '../../components/signs/bar'
import { SlotSquares } from '../../components/signs/slot-squares'
import { SparkLine, type SparkTone } from '../../components/signs/spark-line'
import { isLost } from '../../labels/state-label'
import styles from './row-cells.module.css'

/** More squares than this say less than a bar. */
const mostSquares = 24

/** Job slots in use over all, as Nix counts them. */
export function JobsCell({ used, of }: { used: number | undefined; of: number }) {
  if (used === undefined) return <div className={styles.small}>{plural(of, 'job')}</div>
  return (
    <div className={styles.cell}>
      {of <= mostSquares ? <SlotSquares used={used} of={of} /> : <Bar part={used / of} tone="busy" />}
      <div className={styles.small}>
        {used} of {plural(of, 'job')}
      </div>
    </div>
  )
}

/** Load over CPUs in the last 15 minutes. */
export function LoadCell({ health, tone }: { health: HealthView | undefined; tone: SparkTone }) {
  const known = health?.trend.filter((point) => point >= 0) ?? []
  if (!health || known.length === 0) return <Unknown what="Load" />
  const percent = (value: number) => `${Math.round(value * 100)} %`
  const words = `Load in the last 15 minutes: at most ${percent(Math.max(...known))} of its CPUs, last ${percent(known.at(-1) ?? 0)}`
  return <SparkLine points={health.trend} tone={isLost(health.state) ? 'quiet' : tone} words={words} />
}

interface StoreCellProps {
  readonly health: HealthView | undefined
  readonly isLow: boolean
}

/** Free space of the store; of a builder that no longer answers, what was last seen. */
export function StoreCell({ health, isLow }: StoreCellProps) {
  const { storeBytes, storeFreeBytes, atMs } = health?.sample ?? {}
  if (!health || atMs === undefined || storeFreeBytes === undefined) return <Unknown what="Free space" />
  const isOld = isLost(health.state)
  return (
    <div
      className={styles.cell}
      data-old={isOld || undefined}
      title={isOld ? `Seen ${formatAgo(Date.now() - atMs)}` : undefined}
    >
      {storeBytes !== undefined && storeBytes > 0 && (
        <Bar part={1 - storeFreeBytes / storeBytes} tone={isLow ? 'attention' : 'quiet'} />
      )}
      <div className={styles.small} data-low={isLow || undefined}>
        {formatBytes(storeFreeBytes)} {isOld ? 'then' : 'free'}
      </div>
    </div>
  )
}

/** How long its last answer took. */
export function AnswersCell({ latencyMs }: { latencyMs: number | undefined }) {
  if (latencyMs === undefined) return <Unknown what="Time to answer" />
  return (
    <div className={styles.number}>
      <VisuallyHidden>Answers in </VisuallyHidden>
      {formatLatency(latencyMs)}
    </div>
  )
}

function Unknown({ what }: { what: string }) {
  return (
    <div className={styles.unknown}>
      <span aria-hidden>–</span>
      <VisuallyHidden>{what} not known</VisuallyHidden>
    </div>
  )
}
