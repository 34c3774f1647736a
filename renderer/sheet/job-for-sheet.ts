import type { JobView } from '../../contract/job'
import { isActive } from '../labels/state-label'

/**
 * The job that needs the person's whole attention: one that asks, else the newest of adding, removing or offering.
 * Testing, pausing, switching and signing are shown in place, unless they ask or leave something behind. So is freeing
 * space, but how much it freed is told in the end.
 */
export function jobForSheet(jobs: readonly JobView[]): JobView | undefined {
  const large = jobs.filter(isLarge)
  return jobs.find(({ state }) => state === 'asking') ?? large.findLast(isActive) ?? large.at(-1)
}

function isLarge(job: JobView): boolean {
  if (job.kind === 'add' || job.kind === 'remove') return true
  if (!isActive(job)) return job.leftBehind.length > 0 || (job.kind === 'collect' && job.state === 'done')
  return job.kind === 'offer-substituter' && !isSigning(job)
}

/** Signing a whole store takes minutes, and nobody has to watch. */
const isSigning = ({ steps, state }: JobView) =>
  state !== 'undoing' && steps.some((step) => step.name === 'sign' && step.state === 'running')
