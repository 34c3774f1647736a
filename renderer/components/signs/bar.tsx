import styles from './bar.module.css'

interface BarProps {
  /** How much of it is full: 0–1. */
  readonly part: number
  readonly tone: 'busy' | 'quiet' | 'attention'
}

/** How full something is, for the eye alone: the number stands beside it. */
export function Bar({ part, tone }: BarProps) {
  const percent = Math.min(Math.max(part, 0), 1) * 100
  return (
    <span className={styles.bar} aria-hidden>
      <span className={styles.full} data-tone={tone} style={{ width: `${percent}%` }} />
    </span>
  )
}
