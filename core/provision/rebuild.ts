import type { RegisteredBuilder } from '../../contract/builder'
import type { ProvisionParameters, RemoteFacts } from '../../contract/remote'
import { dedicatedBase, dedicatedHome } from './account'

/** Login names that provisioning gives a user of its own. */
const dedicatedNames: readonly string[] = ['nixremote', 'millwright']

/**
 * What provisioning most likely gave a builder whose record is lost, for taking it back: from root's files, and from
 * the machine itself where somebody could look there.
 */
export function rebuildParameters(
  { id, user }: Pick<RegisteredBuilder, 'id' | 'user'>,
  install: string,
  facts?: RemoteFacts,
): ProvisionParameters {
  const isDedicated = facts ? hasDedicatedUser(user, facts) : dedicatedNames.includes(user)
  const trust = facts?.fragment.find((line) => /^(extra-)?trusted-users = [ @A-Za-z0-9._*$-]+$/.test(line))
  return {
    mode: isDedicated ? 'dedicated' : 'own',
    run_as: isDedicated ? 'root' : !facts || facts.user === user ? 'login' : 'owner',
    ...{ install, builder: id, user, nix_bin: facts?.nix?.binDir ?? '/usr/bin' },
    conf_file: facts?.nix?.confFile ?? '/etc/nix/nix.conf',
    trust: trust ?? (isDedicated && !facts ? `extra-trusted-users = ${user}` : ''),
    // Nothing of the rest is needed to take it back.
    ...{ way_in: '', way_program: '', way_store: '' },
    ...{ socket_group: '', monitor_key: '', collect_key: '', scripts_hash: '00000000' },
  }
}

/** Also where an earlier try took the user away and left the files. */
function hasDedicatedUser(user: string, { accounts, scripts }: RemoteFacts): boolean {
  const isOurs = accounts.some(({ name, home }) => name === user && home === dedicatedHome)
  return isOurs || (dedicatedNames.includes(user) && scripts.some(({ base }) => base === dedicatedBase))
}
