import { IconChevronRight } from '@tabler/icons-react'
import styles from './disclosure.module.css'

interface FoldProps {
  readonly title: string
  readonly children: React.ReactNode
}

/** What most people need not see, one click away. */
export function Disclosure({ title, children }: FoldProps) {
  return (
    <details className={styles.fold}>
      <summary>
        <IconChevronRight size={14} className={styles.chevron} aria-hidden />
        {title}
      </summary>
      {children}
    </details>
  )
}
