import { useMemo } from 'react'
import type { BuildsView } from '../../../contract/builds'
import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { VirtualList } from '../../components/layout/virtual-list'
import styles from './builder-list.module.css'
import { BuilderRow } from './builder-row'
import { buildsByBuilder } from './builds-by-builder'

interface BuilderListProps {
  readonly builders: readonly BuilderView[]
  readonly builds: BuildsView
  readonly jobs: readonly JobView[]
  /** The builder whose page was left for this one; its row takes the focus. */
  readonly left: string | undefined
  /** The same function each time, lest every row is drawn anew. */
  readonly onShow: (id: string) => void
}

/** A row each. Only the rows in sight exist, and one is drawn again only when what it shows has changed. */
export function BuilderList({ builders, builds, jobs, left, onShow }: BuilderListProps) {
  const jobOf = useMemo(() => new Map(jobs.map((job) => [job.builderId, job])), [jobs])
  const buildsOf = useMemo(() => buildsByBuilder(builds), [builds])
  return (
    <>
      <div className={styles.head} aria-hidden>
        <span>Builder</span>
        <span>Jobs</span>
        <span>
          Load<span className={styles.span}>, 15 min</span>
        </span>
        <span>Store</span>
        <span>Answers</span>
        <span>Substituter</span>
      </div>
      <VirtualList
        label="Builders"
        count={builders.length}
        keyOf={(index) => builders[index]?.id ?? ''}
        rowHeight={81}
        first={left === undefined ? -1 : builders.findIndex(({ id }) => id === left)}
        row={(index) => {
          const builder = builders[index]
          if (!builder) return null
          const { names, lastAt } = buildsOf.get(builder.id) ?? {}
          return (
            <BuilderRow
              builder={builder}
              job={jobOf.get(builder.id)}
              building={names}
              lastBuildAt={lastAt}
              onShow={onShow}
            />
          )
        }}
      />
    </>
  )
}
