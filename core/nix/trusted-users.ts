import type { Protocol } from '../../contract/grammar'
import type { RemoteFacts } from '../../contract/remote'
import { isAtLeast, type NixVersion } from './nix-version'

/** Whether one of Nix's lists of users names somebody: by name, by group, or everybody (daemon.cc, authPeer). */
export function names(list: readonly string[], user: string, groups: readonly string[]): boolean {
  return list.some((name) => name === '*' || name === user || groups.some((group) => name === `@${group}`))
}

/** Whether the Nix daemon there already takes builds from whoever is logged in. */
export function isServedAlready(
  { user, groups }: Pick<RemoteFacts, 'user' | 'groups'>,
  { trustedUsers, socketGroup }: NonNullable<RemoteFacts['nix']>,
): boolean {
  const isLetIn = socketGroup === undefined || groups.includes(socketGroup)
  return isLetIn && names(trustedUsers, user, groups)
}

/** Who would talk, and how. */
export interface BothSides {
  readonly local: NixVersion | undefined
  readonly remote: NixVersion
  readonly protocol: Protocol
}

/**
 * Why builds need a daemon over there that trusts whoever they come in as, in words that end a sentence. Undefined where
 * signed inputs are enough: the hook then hands over the whole derivation (build-remote.cc from 2.16), once the daemon
 * has said that it does not trust it (worker protocol 1.35, from 2.15, which ssh has not).
 */
export function whyTrustIsNeeded({ local, remote, protocol }: BothSides): string | undefined {
  if (!local) return 'the version of Nix on this computer is not known'
  if (!isAtLeast(local, 2, 16))
    return `Nix ${local.text} on this computer cannot do without; from 2.16 on it can`
  if (!isAtLeast(remote, 2, 15))
    return `Nix ${remote.text} there does not say whom it trusts; from 2.15 on it does`
  return protocol === 'ssh' ? 'the protocol ssh cannot do without; ssh-ng can' : undefined
}
