import { useId } from 'react'
import styles from './card.module.css'

interface CardProps {
  readonly title: string
  readonly aside?: React.ReactNode
  readonly children: React.ReactNode
}

/** One subject with its title. */
export function Card({ title, aside, children }: CardProps) {
  const id = useId()
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** Names and values, in two columns. */
export function Facts({ children }: { children: React.ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>
}

interface FactProps {
  readonly name: string
  readonly mono?: boolean
  /** How the value was found. */
  readonly how?: string | undefined
  readonly children: React.ReactNode
}

/** One name, its value, and how that was found. */
export function Fact({ name, mono = false, how, children }: FactProps) {
  return (
    <div className={styles.fact}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value} data-mono={mono}>
        {children}
        {how && <div className={styles.how}>{how}</div>}
      </dd>
    </div>
  )
}
