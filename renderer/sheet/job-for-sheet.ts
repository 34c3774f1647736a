import type { JobView } from '../../contract/job'
import { jobRow } from '../../core/jobs/kinds'
import { isActive } from '../labels/state-label'

/**
 * The job that needs the person's whole attention: one that asks, else the newest that is a sheet by its kind. The
 * others are shown in place, unless they ask or leave something behind.
 */
export function jobForSheet(jobs: readonly JobView[]): JobView | undefined {
  const large = jobs.filter(isLarge)
  return jobs.find(({ state }) => state === 'asking') ?? large.findLast(isActive) ?? large.at(-1)
}

function isLarge(job: JobView): boolean {
  const { sheet } = jobRow(job.kind)
  if (sheet === 'always') return true
  if (isActive(job)) return sheet === 'at-work' && !isUnwatched(job)
  return job.leftBehind.length > 0 || (sheet === 'at-end' && job.state === 'done')
}

const isUnwatched = ({ kind, steps, state }: JobView) =>
  state !== 'undoing' &&
  steps.some((step) => step.name === jobRow(kind).unwatched && step.state === 'running')
