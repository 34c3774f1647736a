import type { Series } from '../../contract/health'
import { formatBytes } from '../../core/format'
import { useNow } from '../use-now'
import { formatLatency } from '../words-of-time'
import { Chart, type ChartLine } from './chart'
import { timeAxis, withGaps } from './chart-data'
import styles from './charts.module.css'

const load: ChartLine = {
  measure: 'load1',
  name: 'Load',
  color: 'var(--accent)',
  words: (value) => value.toFixed(1),
}
const memory: ChartLine = {
  measure: 'memoryUsed',
  name: 'Memory',
  color: 'var(--dim)',
  isDashed: true,
  words: (value) => `${Math.round(value * 100)} %`,
}
const slots: ChartLine = {
  measure: 'slots',
  name: 'Jobs in use',
  color: 'var(--accent)',
  isStep: true,
  words: (value) => String(Math.round(value)),
}
const space: ChartLine = {
  measure: 'storeFreeBytes',
  name: 'Free space',
  color: 'var(--accent)',
  words: formatBytes,
}
const latency: ChartLine = {
  measure: 'latencyMs',
  name: 'Time to answer',
  color: 'var(--accent)',
  words: formatLatency,
}

/** Load and memory together, and what else was recorded of a builder, on one axis of time. */
export function Charts({ series }: { series: Series }) {
  const nowMs = useNow()
  const points = withGaps(series)
  const common = { points, time: timeAxis(series.span, nowMs), span: series.span }
  return (
    <div className={styles.charts}>
      <div className={styles.wide}>
        <Chart {...common} line={load} beside={memory} height={148} />
      </div>
      <Chart {...common} line={slots} height={96} isWhole />
      <Chart {...common} line={space} height={96} unit={unitOf(points)} />
      <Chart {...common} line={latency} height={96} />
    </div>
  )
}

/** GiB or TiB, so that the ticks are round in what they are read in. */
function unitOf(points: ReturnType<typeof withGaps>): number {
  const highest = Math.max(0, ...points.map(({ storeFreeBytes = 0 }) => storeFreeBytes))
  return highest > 2 ** 40 ? 2 ** 40 : highest > 2 ** 30 ? 2 ** 30 : 2 ** 20
}
