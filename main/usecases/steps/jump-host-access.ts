import { whatJumpHostRefuses } from '../../../core/login/sshd'
import { parseSshd } from '../../../core/provision/inspect'
import { grantAccessScript, revokeAccessScript } from '../../../core/provision/jump-host'
import { parseOutcome } from '../../../core/provision/progress'
import { sshdScript } from '../../../core/scripts/script'
import { FailureError } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { RemoteHost } from '../../ports/ssh'
import { withHost } from './remote-session'

type Needs = Pick<Ports, 'scripts' | 'clock'>

/** Whose line it is over there. */
interface Owner {
  readonly id: string
  readonly install: string
}

const timeoutMs = 60_000

/**
 * Where the builder lies behind another machine, lets root's key pass through that one: the Nix daemon goes
 * the same way as the person, and the person's own keys are not for root.
 */
export async function grantJumpHostAccess(
  ports: Needs,
  host: RemoteHost,
  owner: Owner,
  buildKey: string,
  signal: AbortSignal,
  how: { readonly beside?: boolean } = {},
) {
  const access = { ...owner, host: host.host, port: host.port }
  const nonce = ports.clock.newId()
  await run(host, grantAccessScript(ports.scripts.jump, access, buildKey, nonce, how), nonce, signal)
}

/** REMOTE_SSHD_REFUSES where the machine in between would not let that key through; nothing is changed there. */
export async function requireWayThrough(ports: Pick<Needs, 'scripts' | 'clock'>, job: Job, host: RemoteHost) {
  const { jump, runOnJump } = host
  if (!jump || !runOnJump) return
  const nonce = ports.clock.newId()
  const script = sshdScript(ports.scripts, { user: jump.user }, nonce)
  const found = parseSshd((await runOnJump(script, { timeoutMs, signal: job.signal })).stdout, nonce)
  const target = `${host.host.includes(':') ? `[${host.host}]` : host.host}:${host.port}`
  const reason = whatJumpHostRefuses(
    found,
    { user: jump.user, groups: found.groups, home: found.home },
    target,
  )
  if (reason !== undefined)
    throw new FailureError(
      withHost({ code: 'REMOTE_SSHD_REFUSES', facts: { reason, user: jump.user } }, jump),
    )
}

/** Takes the access back; without a machine in between there is nothing to do. */
export async function revokeJumpHostAccess(
  ports: Needs,
  host: RemoteHost,
  owner: Owner,
  signal: AbortSignal,
) {
  const access = { ...owner, host: host.host, port: host.port }
  const nonce = ports.clock.newId()
  await run(host, revokeAccessScript(ports.scripts.jump, access, nonce), nonce, signal)
}

async function run(host: RemoteHost, script: string, nonce: string, signal: AbortSignal): Promise<void> {
  const result = await host.runOnJump?.(script, { timeoutMs, signal })
  const outcome = result && parseOutcome(result, nonce)
  if (outcome && !outcome.ok) throw new FailureError(withHost(outcome.failure, host.jump ?? host))
}
