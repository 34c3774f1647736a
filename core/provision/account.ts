import * as v from 'valibot'
import { UserName } from '../../contract/grammar'
import type { ProvisionParameters, RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import type { BuildUser } from '../login/hindrance'
import { isUnsure } from '../login/root-way'
import { isServedAlready } from '../nix/trusted-users'

/** The folder that provisioning fills where it has a user of its own. */
export const dedicatedBase = '/var/lib/millwright'
export const dedicatedHome = `${dedicatedBase}/home`

/** As whom builds log in over there, and who sets that up. */
export type Account = Pick<ProvisionParameters, 'mode' | 'run_as' | 'user'>

type Choice =
  | { readonly ok: true; readonly value: Account }
  | { readonly ok: false; readonly failure: KnownFailure }

/**
 * One user of Millwright's own where root can make one; the store's owner in a single-user install, because
 * nobody else can write that store; else whoever logs in. Never root. On macOS no user is made. Where nobody knows
 * whether this login may become root, it is not tried for a login that Nix trusts already.
 */
export function chooseAccount(facts: RemoteFacts, nix: NonNullable<RemoteFacts['nix']>): Choice {
  if (nix.kind === 'single-user') return ownAccount(facts, nix.storeOwner)
  const isServed = isUnsure(facts.root) && isServedAlready(facts, nix)
  if (facts.kernel === 'linux' && facts.root !== 'none' && !isServed) {
    return { ok: true, value: { mode: 'dedicated', run_as: 'root', user: freeName(facts) } }
  }
  return ownAccount(facts, facts.user)
}

function ownAccount(facts: RemoteFacts, user: string): Choice {
  const isLogin = user === facts.user
  if (!v.is(UserName, user) || user === 'root') {
    return { ok: false, failure: { code: 'REMOTE_USER_UNFIT', facts: { user } } }
  }
  if (!isLogin && facts.root === 'none') {
    return { ok: false, failure: { code: 'REMOTE_USER_UNFIT', facts: { owner: user, user: facts.user } } }
  }
  // A forced command runs through the user's own shell, start-up files and all.
  if (isLogin && facts.noise !== undefined) {
    const { noise, loginShell: shell } = facts
    return {
      ok: false,
      failure: { code: 'REMOTE_SHELL_NOISY', facts: { noise, ...(shell ? { shell } : {}) } },
    }
  }
  return { ok: true, value: { mode: 'own', run_as: isLogin ? 'login' : 'owner', user } }
}

/** `nixremote`, unless the person has one already: theirs is left alone, and ours is called `millwright`. */
function freeName({ accounts }: RemoteFacts): string {
  const isTaken = accounts.some(({ name, home }) => name === 'nixremote' && home !== dedicatedHome)
  return isTaken ? 'millwright' : 'nixremote'
}

/** What sshd and the file system there decide by. Of another user than the login neither groups nor home were read. */
export function buildUser(facts: RemoteFacts, { mode, user }: Account, socketGroup: string): BuildUser {
  if (mode === 'dedicated') {
    return { user, groups: [user, socketGroup].filter(Boolean), home: dedicatedHome, folder: dedicatedBase }
  }
  const { groups, home } = facts
  return user === facts.user ? { user, groups, home, folder: home } : { user }
}
