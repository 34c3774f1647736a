import styles from './page.module.css'

interface PageProps {
  readonly title: string
  readonly status: React.ReactNode
  readonly before?: React.ReactNode
  readonly actions?: React.ReactNode
  readonly children: React.ReactNode
}

/** A screen: its title with a line of status, what can be done, and what scrolls below. */
export function Page({ title, status, before, actions, children }: PageProps) {
  return (
    <main className={styles.page}>
      <header className={styles.header}>
        {before}
        <div className={styles.titles}>
          <h1 className={styles.title}>{title}</h1>
          <div className={styles.status} role="status">
            {status}
          </div>
        </div>
        <div className={styles.actions}>{actions}</div>
      </header>
      <div className={styles.body} data-scrolls>
        <div>{children}</div>
      </div>
    </main>
  )
}
