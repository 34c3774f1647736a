import { Button } from '@mantine/core'
import type { JobView } from '../../../contract/job'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { failureWords } from '../../../core/failures/words'
import { formatAbout, formatBytes, plural } from '../../../core/text/format'
import { Notice } from '../../components/messages/notice'
import { isActive } from '../../labels/state-label'
import { useCommands } from '../../state/api-context'

/** More notices than this would hide the list that they are about. */
const mostNotices = 2

/** Builders that run out of space, with the way to see what could go. */
export function DiskNotices({ snapshot: { builders, jobs } }: { snapshot: Snapshot }) {
  const low = builders.filter(({ state }) => state === 'disk-low')
  if (low.length > mostNotices) {
    return (
      <Notice tone="attention" title={`${plural(low.length, 'builder')} are running out of space.`}>
        {namesOf(low)}. “Free space…” in the menu of each shows what could go.
      </Notice>
    )
  }
  return low.map((builder) => (
    <DiskNotice
      key={builder.id}
      builder={builder}
      job={jobs.findLast(({ builderId }) => builderId === builder.id)}
    />
  ))
}

interface DiskNoticeProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
}

function DiskNotice({ builder, job }: DiskNoticeProps) {
  return (
    <Notice
      tone="attention"
      title={`${builder.id} is running out of space.`}
      action={<FreeSpaceButton builder={builder} job={job} />}
    >
      {lowWords(builder)}
    </Notice>
  )
}

/** Counts what could go; nothing is deleted before the person has said so. */
export function FreeSpaceButton({ builder: { id }, job }: DiskNoticeProps) {
  const { act } = useCommands()
  const busy = job !== undefined && isActive(job)
  const isFreeing = busy && job.kind === 'collect'
  return (
    <Button disabled={busy} onClick={() => void act('collect-garbage', { id })}>
      {isFreeing ? 'Freeing space…' : 'Show what would go'}
    </Button>
  )
}

/** `3.4 GiB left, full in about 6 h at the pace of late. Builds fail then.` */
export function lowWords({ health, failure }: BuilderView): string {
  const free = health?.sample?.storeFreeBytes
  const left = free === undefined ? 'Little is left' : `${formatBytes(free)} left`
  if (health?.fullInMs !== undefined) {
    return `${left}; at the pace of late it is full in about ${formatAbout(health.fullInMs)}. Builds fail then.`
  }
  return free !== undefined || !failure
    ? `${left}. When it is full, builds fail.`
    : failureWords(failure).cause
}

const namesShown = 6

function namesOf(builders: readonly BuilderView[]): string {
  const names = builders.slice(0, namesShown).map(({ id }) => id)
  const more = builders.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
