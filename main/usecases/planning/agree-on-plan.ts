import type { Reply } from '../../../contract/failure'
import type { RemoteFacts } from '../../../contract/remote'
import { isOneOf, type KnownFailure } from '../../../core/failures/failure'
import { isUnsure } from '../../../core/login/root-way'
import { jumpHostChange } from '../../../core/provision/jump-host'
import { type LocalBefore, localChanges } from '../../../core/provision/local-changes'
import type { Provisioning } from '../../../core/provision/plan'
import { FailureError } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { RemoteHost } from '../../ports/ssh'
import { approve } from '../steps/approve'
import { withHost } from '../steps/remote-session'
import { lookAsRoot, type RootSession } from './look-as-root'

interface Planning {
  readonly id: string
  readonly host: RemoteHost
  readonly local: LocalBefore
  readonly plan: (facts: RemoteFacts) => Reply<Provisioning, KnownFailure>
}

/**
 * Has a plan approved, and becomes root where that has to be tried. Where it turns out that this login may not, and a
 * builder can be had without, that is another plan, to be approved anew; nothing has been changed by then.
 */
export async function agreeOnPlan(
  ports: Ports,
  job: Job,
  facts: RemoteFacts,
  planning: Planning,
): Promise<{ readonly provisioning: Provisioning; readonly far: RootSession }> {
  const { host, plan } = planning
  const planned = plan(facts)
  if (!planned.ok) throw new FailureError(withHost(planned.failure, host))
  const provisioning = wholePlan(planning, planned.value)
  job.show({ plan: provisioning.plan })
  const sudoPassword = await approve(job, host, facts, provisioning)
  const session = { host, facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  try {
    return { provisioning, far: await lookAsRoot(ports, job, session, provisioning.parameters, plan) }
  } catch (error) {
    const rootless: RemoteFacts = { ...facts, root: 'none' }
    const isRefused = error instanceof FailureError && isOneOf(error.failure, ['SUDO_NOT_ALLOWED'])
    if (!isRefused || !isUnsure(facts.root) || !plan(rootless).ok) throw error
    job.note(`${host.user} may not become root there, so this is the plan without`)
    return await agreeOnPlan(ports, job, rootless, planning)
  }
}

/** Both sides of the plan, this computer's and that of a machine in between too. */
function wholePlan({ id, host, local }: Planning, provisioning: Provisioning): Provisioning {
  const changes = [
    ...localChanges(id, local),
    ...provisioning.plan.changes,
    ...(host.jump ? [jumpHostChange(host.jump, id)] : []),
  ]
  return { ...provisioning, plan: { ...provisioning.plan, changes } }
}
