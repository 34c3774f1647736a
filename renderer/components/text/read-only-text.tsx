import styles from './read-only-text.module.css'

/** As in the style sheet. */
const lineHeightPx = 18

interface ReadOnlyTextProps {
  readonly text: string
  /** Its name for a screen reader. */
  readonly label: string
  readonly mostRows: number
  /** Long lines go on below instead of beyond the edge. */
  readonly wrap?: boolean
  readonly className?: string | undefined
}

/** Text as it came, to read and select; a field, so that it can be reached and scrolled by keyboard. */
export function ReadOnlyText({ text, label, mostRows, wrap = false, className }: ReadOnlyTextProps) {
  const shown = text.replace(/\n+$/, '')
  const rows = Math.min(shown.split('\n').length, mostRows)
  const field = (
    <textarea
      readOnly
      className={`${styles.text} ${className ?? ''}`}
      aria-label={label}
      rows={rows}
      wrap={wrap ? 'soft' : 'off'}
      spellCheck={false}
      value={text}
    />
  )
  if (!wrap) return field
  // A field has as many lines as it is told; the same text beside it, unseen, has as many as it takes.
  return (
    <div className={styles.grown}>
      <div className={styles.measure} style={{ maxHeight: `${mostRows * lineHeightPx}px` }} aria-hidden>
        {shown}
      </div>
      {field}
    </div>
  )
}
