import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import styles from './notice.module.css'

interface NoticeProps {
  readonly tone: 'attention' | 'broken' | 'calm'
  readonly title: string
  readonly role?: 'alert' | 'status'
  readonly action?: React.ReactNode
  readonly onDismiss?: (() => void) | undefined
  readonly children?: React.ReactNode
}

/** Something a person should know, with what to do about it. */
export function Notice({ tone, title, role, action, onDismiss, children }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={role}>
      <span className={styles.mark} aria-hidden />
      <div className={styles.text}>
        <strong className={styles.title}>{title}</strong>
        <div className={styles.body}>{children}</div>
      </div>
      {action}
      {onDismiss && (
        <ActionIcon aria-label="Dismiss" color="dim" onClick={onDismiss}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </div>
  )
}
