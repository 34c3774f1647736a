import styles from './spark-line.module.css'

export type SparkTone = 'busy' | 'quiet' | 'attention'

interface SparkLineProps {
  /** The latest last; below 0 where nothing is known. */
  readonly points: readonly number[]
  readonly tone: SparkTone
  /** The same in words. */
  readonly words: string
}

const width = 88
const height = 24
const rim = 2

/** A small line without axes; its top is 1, or the highest point where that is more. */
export function SparkLine({ points, tone, words }: SparkLineProps) {
  return (
    <svg
      className={styles.spark}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      data-tone={tone}
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <path d={`M0 ${height - 0.5}H${width}`} className={styles.ground} />
      <path d={pathOf(points)} className={styles.line} />
    </svg>
  )
}

/** An SVG path, interrupted where nothing is known. */
export function pathOf(points: readonly number[]): string {
  const top = Math.max(1, ...points)
  const step = (width - 2 * rim) / Math.max(points.length - 1, 1)
  const at = (index: number, value: number) =>
    `${round(rim + index * step)} ${round(height - rim - (value / top) * (height - 2 * rim))}`
  return points
    .map((value, index) => {
      if (value < 0) return ''
      const isAlone = (points[index - 1] ?? -1) < 0
      return isAlone ? `M${at(index, value)}h0` : `L${at(index, value)}`
    })
    .join('')
}

const round = (value: number) => Math.round(value * 10) / 10
