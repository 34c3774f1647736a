import styles from './code-block.module.css'
import { CopyButton } from './copy-button'
import { ReadOnlyText } from './read-only-text'

interface CodeBlockProps {
  readonly text: string
  /** Its name for a screen reader. */
  readonly label: string
  readonly mostRows?: number
}

/** Text to read and to copy, never to edit. */
export function CodeBlock({ text, label, mostRows = 8 }: CodeBlockProps) {
  return (
    <div className={styles.frame}>
      <ReadOnlyText text={text} label={label} mostRows={mostRows} className={styles.text} />
      <CopyButton text={text} what={label} size="compact-sm" className={styles.copy ?? ''} />
    </div>
  )
}
