import type { JobKind } from '../../contract/commands'
import type { JobView, StepView } from '../../contract/job'
import { jobRow, jobRows } from './kinds'

const steps = new Map(Object.values(jobRows).flatMap((row) => Object.entries(row.steps)))

/** What a step does, or did, in a few words; the same step says the same in every kind of job. */
export function stepWords(name: string, state: StepView['state']): string {
  const words = steps.get(name)
  return (state === 'done' ? words?.done : words?.todo) ?? name
}

/** What is true of all that a job had changed, once it has ended without success; undefined where there is nothing to say. */
export function takenBackWords({
  state,
  changed,
  leftBehind,
}: Pick<JobView, 'state' | 'changed' | 'leftBehind'>): string | undefined {
  const hasEnded = state === 'failed' || state === 'cancelled'
  return hasEnded && changed && leftBehind.length === 0 ? 'What had been changed is taken back.' : undefined
}

/** `Adding otto`. A mode's job is about no builder: its id is the mode's. */
export function jobTitle(kind: JobKind, about: string): string {
  const { doing, title } = jobRow(kind)
  return title?.(about) ?? `${doing} ${about}`
}
