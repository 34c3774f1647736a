import { SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import type { SeriesSpan } from '../../../contract/health'
import { Card } from '../../components/layout/card'
import { FailurePanel } from '../../components/messages/failure-panel'
import styles from '../charts/charts.module.css'
import { type SeriesState, useSeries } from '../charts/use-series'

/** The charting library is the heaviest thing in the window, and comes only with the first chart. */
const Charts = lazy(async () => ({ default: (await import('../charts/charts')).Charts }))

const spans: readonly { readonly value: SeriesSpan; readonly label: string }[] = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last day' },
]

interface LoadCardProps {
  readonly id: string
  readonly cpus: number | undefined
}

/** How a builder has been of late. */
export function LoadCard({ id, cpus }: LoadCardProps) {
  const [span, setSpan] = useState<SeriesSpan>('hour')
  const state = useSeries(id, span)
  return (
    <Card
      title="Load"
      aside={
        <SegmentedControl
          aria-label="How far back"
          size="xs"
          withItemsBorders={false}
          transitionDuration={0}
          data={spans.map((one) => ({ ...one }))}
          value={span}
          onChange={(value) => setSpan(value === 'day' ? 'day' : 'hour')}
        />
      }
    >
      <Recorded {...state} cpus={cpus} />
    </Card>
  )
}

function Recorded({ series, failure, cpus }: SeriesState & Pick<LoadCardProps, 'cpus'>) {
  if (failure) return <FailurePanel failure={failure} />
  if (!series) return <div className={styles.place} />
  if (series.points.length === 0) {
    return (
      <p className={styles.nothing}>
        {series.span === 'hour' ? 'Nothing recorded in the last hour.' : 'Nothing recorded yet.'} It is
        written down while Millwright runs and the builder answers.
      </p>
    )
  }
  return (
    <Suspense fallback={<div className={styles.place} />}>
      <Charts series={series} cpus={cpus} />
    </Suspense>
  )
}
