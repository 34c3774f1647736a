import type { JobKind, JobView } from '../../contract/job'
import { useCommands } from './api-context'

export interface JobActions {
  readonly cancel: () => void
  readonly dismiss: () => void
  /** Starts the same again, where nothing but the builder's id is needed for it. */
  readonly retry: (() => void) | undefined
}

/** What can be done with a job. */
export function useJob({ id: jobId, kind, builderId: id }: JobView): JobActions {
  const { act } = useCommands()
  const again: Partial<Record<JobKind, () => void>> = {
    test: () => void act('test-builder', { id }),
    remove: () => void act('remove-builder', { id, localOnly: false }),
    'offer-substituter': () => void act('use-substituter', { id, scope: 'me', on: true }),
    'withdraw-substituter': () => void act('withdraw-substituter', { id }),
    collect: () => void act('collect-garbage', { id }),
    resume: () => void act('resume-builder', { id }),
  }
  return {
    cancel: () => void act('cancel-job', { jobId }),
    dismiss: () => void act('dismiss-job', { jobId }),
    retry: again[kind],
  }
}
