import { withFlowFacts } from '../../../core/failures/failure'
import { FailureError, toFailure } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { LoginRequest, RemoteHost } from '../../ports/ssh'

/** Logs in to a builder that is here already: what goes wrong is said of it, so that a changed key leads to its way out. */
export async function openBuilder(
  { ssh }: Pick<Ports, 'ssh'>,
  job: Job,
  builder: string,
  login: LoginRequest,
): Promise<RemoteHost> {
  try {
    return await ssh.open(login, job.ask, job.signal)
  } catch (error) {
    throw new FailureError(withFlowFacts(toFailure(error), { builder }))
  }
}
