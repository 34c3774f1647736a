import type { Protocol } from '../../contract/grammar'
import { isAtLeast, type NixVersion } from './nix-version'

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
