import type { Call, JobCommand } from '../../contract/commands'
import type { JobView } from '../../contract/job'
import { jobRow } from '../../core/jobs/kinds'
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
  const again = jobRow(kind).retry?.(id)
  const send = <N extends JobCommand>({ name, input }: Call<N>) => void act(name, input)
  return {
    cancel: () => void act('cancel-job', { jobId }),
    dismiss: () => void act('dismiss-job', { jobId }),
    retry: again && (() => send(again)),
  }
}
