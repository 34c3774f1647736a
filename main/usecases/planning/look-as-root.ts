import type { Reply } from '../../../contract/failure'
import type { ProvisionParameters, RemoteFacts } from '../../../contract/remote'
import type { KnownFailure } from '../../../core/failures/failure'
import { whatHindersBuilds } from '../../../core/login/hindrance'
import { isUnsure } from '../../../core/login/root-way'
import { isSshdKnown } from '../../../core/login/sshd'
import { buildUser } from '../../../core/provision/account'
import { parseSshd } from '../../../core/provision/inspect'
import { sshdScript } from '../../../core/scripts/script'
import { FailureError, fail, toFailure } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import { needsSudoPassword, type RemoteSession, runOptions, withHost } from '../steps/remote-session'

type Needs = Pick<Ports, 'scripts' | 'clock'>

/** A session whose look was whole. */
export interface RootSession extends RemoteSession {
  readonly facts: RemoteFacts
}

/**
 * Becomes root once and asks sshd, before anything is changed, where that takes a password or nobody else could ask:
 * a wrong password, a login that may not and a server that refuses builds end a job that has nothing to take back.
 * Where only the attempt could tell that this login may not, what `plan` says without root counts.
 */
export async function lookAsRoot(
  ports: Needs,
  job: Job,
  session: RootSession,
  parameters: ProvisionParameters,
  plan: (facts: RemoteFacts) => Reply<unknown, KnownFailure>,
): Promise<RootSession> {
  const { host, facts } = session
  const isPasswordNeeded = needsSudoPassword(facts, parameters)
  const isKnown = isSshdKnown(facts, parameters)
  if (isPasswordNeeded || (parameters.run_as !== 'login' && !isKnown)) {
    const far = await askSshd(ports, job, session, parameters).catch((error: unknown) => {
      const failure = toFailure(error)
      const without = isUnsure(facts.root) ? plan({ ...facts, root: 'none' }) : undefined
      if (failure.code !== 'SUDO_NOT_ALLOWED' || !without || without.ok) throw error
      const detail = [without.failure.detail, failure.detail].filter(Boolean).join('\n')
      throw new FailureError(withHost({ ...without.failure, detail }, host))
    })
    const hindrance = whatHindersBuilds(far.facts, buildUser(far.facts, parameters, parameters.socket_group))
    if (hindrance) throw new FailureError(withHost(hindrance, host))
    sayIfUnknown(job, far.facts, parameters)
    return far
  }
  sayIfUnknown(job, facts, parameters)
  return session
}

function sayIfUnknown(job: Job, facts: RemoteFacts, parameters: ProvisionParameters): void {
  if (isSshdKnown(facts, parameters)) return
  const why = facts.sshdUnread ? `: ${facts.sshdUnread}` : ''
  job.note(`whether its SSH server lets builds in could not be checked${why}`)
}

/** Where sudo wants the password of another than whoever is logged in, that is asked for. */
async function askSshd(
  { scripts, clock }: Needs,
  job: Job,
  session: RootSession,
  parameters: ProvisionParameters,
): Promise<RootSession> {
  const nonce = clock.newId()
  const asked = { user: parameters.user, connection: session.facts.sshConnection }
  const script = sshdScript(scripts, asked, nonce)
  const run = async (as: RootSession): Promise<RootSession> => {
    const { stdout } = await as.host.run(script, runOptions(as, parameters, job.signal))
    const { sshdUnread: _, ...rest } = as.facts
    const { home: _h, groups: _g, ...found } = parseSshd(stdout, nonce) // root's, that is
    return { ...as, facts: { ...rest, ...found } }
  }
  try {
    return await run(session)
  } catch (error) {
    const { code, facts } = toFailure(error)
    if (code !== 'ROOT_PASSWORD_OF_ANOTHER' || facts.owner === undefined) throw error
    return await run(await withPasswordOf(job, session, facts.owner))
  }
}

async function withPasswordOf(job: Job, session: RootSession, owner: string): Promise<RootSession> {
  const answer = await job.ask({ kind: 'sudo-password', user: owner, host: session.host.host, again: false })
  if (answer.kind !== 'secret') return fail('CANCELLED')
  return { ...session, facts: { ...session.facts, passwordOwner: owner }, sudoPassword: answer.secret }
}
