import { Button, Group } from '@mantine/core'
import { Notice } from '../components/messages/notice'
import { CopyButton } from '../components/text/copy-button'
import styles from './job-sheet.module.css'

interface LeftBehindProps {
  readonly sentences: readonly string[]
  /** Absent: nothing here could do it. */
  readonly onCleanUp: (() => void) | undefined
}

/** What could not be taken back, with the commands that would, and a try at it from here. */
export function LeftBehind({ sentences, onCleanUp }: LeftBehindProps) {
  if (sentences.length === 0) return null
  return (
    <div className={styles.end}>
      <Notice tone="attention" title="Left behind">
        <ul className={styles.left}>
          {sentences.map((sentence) => (
            <li key={sentence} className={styles.sentence}>
              {sentence}
            </li>
          ))}
        </ul>
        <Group gap={8} mt={8}>
          {onCleanUp && <Button onClick={onCleanUp}>Try to clean up again</Button>}
          <CopyButton text={sentences.join('\n')} label="Copy all of it" variant="default" />
        </Group>
      </Notice>
    </div>
  )
}
