import type { JobKind } from '../../contract/commands'
import type { StepView } from '../../contract/job'
import { jobRow, jobRows } from './kinds'

const steps = new Map(Object.values(jobRows).flatMap((row) => Object.entries(row.steps)))

/** What a step does, or did, in a few words; the same step says the same in every kind of job. */
export function stepWords(name: string, state: StepView['state']): string {
  const words = steps.get(name)
  return (state === 'done' ? words?.done : words?.todo) ?? name
}

/** `Adding otto`. A mode's job is about no builder: its id is the mode's. */
export function jobTitle(kind: JobKind, about: string): string {
  const { doing, title } = jobRow(kind)
  return title?.(about) ?? `${doing} ${about}`
}
