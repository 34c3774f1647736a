import type { JobView } from '../../contract/job'
import { isActive } from '../show-state'

/**
 * The job that needs the person's whole attention: one that asks, else the newest of adding or removing.
 * Testing, pausing and resuming are shown in place, unless they ask.
 */
export function jobForSheet(jobs: readonly JobView[]): JobView | undefined {
  const large = jobs.filter(({ kind }) => kind === 'add' || kind === 'remove')
  return jobs.find(({ state }) => state === 'asking') ?? large.findLast(isActive) ?? large.at(-1)
}
