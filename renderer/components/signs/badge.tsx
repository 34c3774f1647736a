import styles from './badge.module.css'

/** A quiet word about a builder: a system, a feature. */
export function Badge({ children }: { children: React.ReactNode }) {
  return <span className={styles.badge}>{children}</span>
}
