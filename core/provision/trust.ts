import type { Reply } from '../../contract/failure'
import type { ProvisionParameters, RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import { isAtLeast } from '../nix/nix-version'
import { type BothSides, names, whyTrustIsNeeded } from '../nix/trusted-users'
import type { Account } from './account'
import type { Usable } from './requirements'

/** Whether the user may have anything built, or only what needs nothing but signed inputs. */
export interface Granted {
  readonly access: Access
  readonly isTrusted: boolean
}

/** What has to be written so that the user may talk to the Nix daemon; whoever it trusts is allowed (daemon.cc). */
export type Access = Pick<ProvisionParameters, 'trust' | 'socket_group'>

const nothing: Access = { trust: '', socket_group: '' }

/**
 * Trust in the user, which every daemon needs to take inputs that nobody signed, such as those which this computer
 * or another builder made; the first build that needs another's output fails without (seen from 2.26 to 2.26). Where
 * nothing may be written (no root), both sides have to do with signed inputs; else what is missing is a failure that
 * names the line an administrator has to add: REMOTE_USER_NOT_TRUSTED.
 */
export function grantAccess(
  facts: RemoteFacts,
  { nix, version }: Usable,
  { mode, user }: Account,
  { local, protocol }: Pick<BothSides, 'local' | 'protocol'>,
): Reply<Granted, KnownFailure> {
  if (nix.kind === 'single-user') return { ok: true, value: { access: nothing, isTrusted: true } }
  const groups = mode === 'own' ? facts.groups : [user]
  const isTrusted = names(nix.trustedUsers, user, groups)
  if (mode === 'own') {
    const group = nix.socketGroup
    const isShut = group !== undefined && !facts.groups.includes(group)
    if (isTrusted && !isShut) return { ok: true, value: { access: nothing, isTrusted } }
    const why = whyTrustIsNeeded({ local, remote: version, protocol })
    const isAllowed = names(nix.allowedUsers, user, groups)
    if (why === undefined && isAllowed && !isShut) return { ok: true, value: { access: nothing, isTrusted } }
    const detail = isShut ? `${user} must also be in the group ${group}: usermod -aG ${group} ${user}` : ''
    const reason = why === undefined ? {} : { why }
    const failure = { code: 'REMOTE_USER_NOT_TRUSTED', facts: { user, ...reason } } as const
    return { ok: false, failure: { ...failure, ...(detail ? { detail } : {}) } }
  }
  const line = (setting: string, already: readonly string[]) => {
    if (isAtLeast(version, 2, 4)) return `extra-${setting} = ${user}`
    // Nix 2.3 knows no extra-: its list is written anew, with what it held.
    const kept = already.filter((name) => name !== user && /^[@A-Za-z0-9._*$-]+$/.test(name))
    return `${setting} = ${[...kept, user].join(' ')}`
  }
  const trust = line('trusted-users', nix.trustedUsers)
  // A line of ours there counts as still to be kept; an administrator's own needs none of ours.
  const needs = (isMissing: boolean, wanted: string) => isMissing || facts.fragment.includes(wanted)
  return {
    ok: true,
    value: {
      access: { trust: needs(!isTrusted, trust) ? trust : '', socket_group: nix.socketGroup ?? '' },
      isTrusted: true,
    },
  }
}
