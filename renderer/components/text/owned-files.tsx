import { IconChevronRight } from '@tabler/icons-react'
import type { OwnedFile } from '../../../contract/helper'
import { CodeBlock } from './code-block'
import styles from './owned-files.module.css'

/** Files that Millwright made or added a line to; each opens to show what it wrote, line by line. */
export function OwnedFiles({ files }: { files: readonly OwnedFile[] }) {
  return (
    <ul className={styles.list}>
      {files.map((file) => (
        <li key={`${file.path} ${file.owns}`}>
          <File file={file} />
        </li>
      ))}
    </ul>
  )
}

function File({ file }: { file: OwnedFile }) {
  const owns = file.owns === 'whole' ? `whole file, ${file.mode}` : 'one line of it'
  if (file.content === undefined) {
    return (
      <div className={styles.summary}>
        <span className={styles.nothing} />
        <span className={styles.path}>{file.path}</span>
        <span className={styles.owns}>{owns}</span>
      </div>
    )
  }
  return (
    <details className={styles.file}>
      <summary className={styles.summary}>
        <IconChevronRight size={14} className={styles.chevron} aria-hidden />
        <span className={styles.path}>{file.path}</span>
        <span className={styles.owns}>{owns}</span>
      </summary>
      <div className={styles.content}>
        <CodeBlock text={file.content} label={file.path} />
      </div>
    </details>
  )
}
