import type { Plan, RemoteFacts } from '../../../contract/remote'
import { passwordOwner } from '../../../core/login/root-way'
import { fail } from '../../failures'
import type { Job } from '../../jobs/job'
import type { RemoteHost } from '../../ports/ssh'
import { needsSudoPassword } from './remote-session'

interface Approval {
  readonly plan: Plan
  readonly parameters: Readonly<Record<string, string>>
  /** The builder whose keys it renews; absent: it makes the machine one. */
  readonly renews?: string
}

/**
 * Shows the plan and waits for consent; where becoming root takes a password, the same answer carries it.
 * Returns that password, which lives in memory until the job ends and goes to sudo over there alone.
 */
export async function approve(
  job: Job,
  host: RemoteHost,
  facts: RemoteFacts,
  { plan, parameters, renews }: Approval,
): Promise<string | undefined> {
  const sudoUser = needsSudoPassword(facts, parameters) ? { sudoUser: passwordOwner(facts, host.user) } : {}
  const answer = await job.ask({
    kind: 'approve-plan',
    host: host.host,
    plan,
    ...(renews === undefined ? {} : { renews }),
    ...sudoUser,
  })
  if (answer.kind === 'no') fail('PLAN_DECLINED', { host: host.host })
  return answer.kind === 'secret' ? answer.secret : undefined
}
