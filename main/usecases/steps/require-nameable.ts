import { HostName, isValid, UserName } from '../../../contract/grammar'
import { fail } from '../../failures'
import type { RemoteHost } from '../../ports/ssh'

/**
 * Root's files name the machine and the one in between by the grammars of `contract/grammar.ts`; what the person's SSH
 * configuration says may hold more. Said here, before anybody approves a plan that root would then refuse. Fails with
 * ADDRESS_INVALID and REMOTE_USER_UNFIT.
 */
export function requireNameable({ host, jump }: Pick<RemoteHost, 'host' | 'jump'>): void {
  for (const address of [host, ...(jump ? [jump.host] : [])])
    if (!isValid(HostName, address)) fail('ADDRESS_INVALID', { address, problem: 'bad-host' })
  if (jump && !isValid(UserName, jump.user)) fail('REMOTE_USER_UNFIT', { user: jump.user, host: jump.host })
}
