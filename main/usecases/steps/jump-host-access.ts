import { grantAccessScript, revokeAccessScript } from '../../../core/provision/jump-host'
import { parseOutcome } from '../../../core/provision/progress'
import { FailureError } from '../../failures'
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
) {
  const access = { ...owner, host: host.host, port: host.port }
  const nonce = ports.clock.newId()
  await run(host, grantAccessScript(ports.scripts.jump, access, buildKey, nonce), nonce, signal)
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
