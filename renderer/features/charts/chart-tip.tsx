import { useActiveTooltipDataPoints } from 'recharts'
import type { SeriesPoint } from '../../../contract/health'
import { type ChartLine, clockWords } from './chart-data'
import styles from './charts.module.css'

/** The values at the time that is pointed at. */
export function ChartTip({ lines }: { lines: readonly ChartLine[] }) {
  const point = useActiveTooltipDataPoints<SeriesPoint>()?.[0]
  if (!point) return null
  return (
    <div className={styles.tip}>
      <div className={styles.tipTime}>{clockWords(point.atMs)}</div>
      {lines.map(({ measure, name, words }) => {
        const value = point[measure]
        return (
          <div key={measure} className={styles.tipLine}>
            <span>{name}</span>
            <span>{value === undefined ? '–' : words(value)}</span>
          </div>
        )
      })}
    </div>
  )
}
