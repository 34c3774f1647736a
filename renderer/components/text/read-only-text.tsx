import styles from './read-only-text.module.css'

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
  const lines = text.replace(/\n+$/, '').split('\n').length
  return (
    <textarea
      readOnly
      className={`${styles.text} ${className ?? ''}`}
      aria-label={label}
      rows={Math.min(lines, mostRows)}
      wrap={wrap ? 'soft' : 'off'}
      spellCheck={false}
      value={text}
    />
  )
}
