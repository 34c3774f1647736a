import { Notice } from '../components/messages/notice'
import { CopyButton } from '../components/text/copy-button'
import styles from './job-sheet.module.css'

/** What could not be taken back, with the commands that would. */
export function LeftBehind({ sentences }: { sentences: readonly string[] }) {
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
        <CopyButton text={sentences.join('\n')} label="Copy all of it" variant="default" mt={8} />
      </Notice>
    </div>
  )
}
