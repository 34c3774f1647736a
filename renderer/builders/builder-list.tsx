import { useCallback, useMemo, useRef } from 'react'
import type { JobView } from '../../contract/job'
import type { BuilderView } from '../../contract/snapshot'
import styles from './builder-list.module.css'
import { BuilderRow } from './builder-row'

interface BuilderListProps {
  readonly builders: readonly BuilderView[]
  readonly jobs: readonly JobView[]
  readonly left: string | undefined
  readonly onShow: (id: string) => void
}

/**
 * A row each. Rows out of sight cost no layout (`content-visibility`), and a row is drawn again only when
 * its builder or its job changed, so hundreds scroll smoothly and stay findable by the page's own search.
 */
export function BuilderList({ builders, jobs, left, onShow }: BuilderListProps) {
  const jobOf = useMemo(() => new Map(jobs.map((job) => [job.builderId, job])), [jobs])
  const latest = useRef(onShow)
  latest.current = onShow
  const show = useCallback((id: string) => latest.current(id), [])
  return (
    <>
      <div className={styles.head} aria-hidden>
        <span>Builder</span>
        <span>Jobs</span>
        <span>Speed</span>
        <span className={styles.proof}>Last proof</span>
        <span>Substituter</span>
      </div>
      <ul className={styles.list} aria-label="Builders">
        {builders.map((builder) => (
          <BuilderRow
            key={builder.id}
            builder={builder}
            job={jobOf.get(builder.id)}
            takesFocus={builder.id === left}
            onShow={show}
          />
        ))}
      </ul>
    </>
  )
}
