import type { Series } from '../../../contract/health'
import { formatBytes, formatLatency, plural } from '../../../core/text/format'
import { useNow } from '../../state/use-now'
import { Chart } from './chart'
import { type ChartLine, timeAxis, withGaps } from './chart-data'
import styles from './charts.module.css'

/** `15`, `2.5`: no decimal where none is needed. */
const shortNumber = (value: number) => String(Math.round(10 * value) / 10)

const load: ChartLine = {
  measure: 'load1',
  name: 'Load',
  color: 'var(--accent)',
  words: (value) => value.toFixed(1),
  tickWords: shortNumber,
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
  axisWidth: 56,
}
const latency: ChartLine = {
  measure: 'latencyMs',
  name: 'Time to answer',
  color: 'var(--accent)',
  words: formatLatency,
  tickWords: (value) => (value < 1000 ? `${shortNumber(value)} ms` : formatLatency(value)),
  axisWidth: 48,
}

interface ChartsProps {
  readonly series: Series
  /** What its load is to be held against. */
  readonly cpus: number | undefined
}

/** Load and memory together, and what else was recorded of a builder, on one axis of time. */
export function Charts({ series, cpus }: ChartsProps) {
  const nowMs = useNow()
  const points = withGaps(series)
  const common = { points, time: timeAxis(series.span, nowMs), span: series.span }
  return (
    <div className={styles.charts}>
      <div className={styles.wide}>
        <Chart
          {...common}
          line={load}
          beside={memory}
          height={140}
          note={cpus === undefined ? undefined : `on ${plural(cpus, 'CPU')}`}
        />
      </div>
      <Chart {...common} line={slots} height={88} isWhole />
      <Chart {...common} line={space} height={88} unit={unitOf(points)} />
      <Chart {...common} line={latency} height={88} />
    </div>
  )
}

/** GiB or TiB, so that the ticks are round in what they are read in. */
function unitOf(points: ReturnType<typeof withGaps>): number {
  const highest = Math.max(0, ...points.map(({ storeFreeBytes = 0 }) => storeFreeBytes))
  return highest > 2 ** 40 ? 2 ** 40 : highest > 2 ** 30 ? 2 ** 30 : 2 ** 20
}
