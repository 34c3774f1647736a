import { FailureError } from '../../failures'
import type { Job } from '../../jobs/job'

/**
 * Does what restarts a Nix daemon while nothing builds; else asks first, and does it all the same after a yes.
 * `host` names the machine, where it is not this computer.
 */
export async function withRestartConsent<T>(
  { ask }: Pick<Job, 'ask'>,
  act: (restart: 'when-idle' | 'always') => Promise<T>,
  host?: string,
): Promise<T> {
  try {
    return await act('when-idle')
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'BUILDS_RUNNING') throw error
    const answer = await ask({ kind: 'restart-daemon', ...(host === undefined ? {} : { host }) })
    if (answer.kind !== 'yes') throw error
    return await act('always')
  }
}
