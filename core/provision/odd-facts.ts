import * as v from 'valibot'
import { AbsolutePath, ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import type { Account } from './account'

/** Groups whose members can do what root can, or read what only root should (Debian, Fedora, Arch and their kin). */
const powerfulGroups: readonly string[] = [
  ...['root', 'wheel', 'sudo', 'admin', 'adm', 'shadow', 'disk', 'docker', 'podman', 'lxd', 'incus'],
  ...['incus-admin', 'libvirt', 'kmem', 'sys', 'staff', 'operator'],
]

/**
 * Why what a look found is not to steer what root does, before anybody is asked: root looks again for itself (see
 * `remote/provision.sh`). Nothing of it counts where builds log in as the login itself.
 */
export function oddFacts(
  nix: NonNullable<RemoteFacts['nix']>,
  { mode, run_as }: Account,
): KnownFailure | undefined {
  const odd = (what: string): KnownFailure => ({ code: 'REMOTE_FACTS_ODD', facts: { what } })
  if (!isPlainPath(nix.binDir)) return odd(`${nix.binDir} as the folder of Nix’s programs`)
  if (run_as === 'login') return undefined
  if (!isConfFile(nix)) return odd(`${nix.confFile} as the configuration of Nix`)
  if (mode === 'own') return undefined
  if (nix.notRoots !== undefined) return { code: 'REMOTE_NOT_ROOTS', facts: { reason: nix.notRoots } }
  if (nix.socketGroup !== undefined && !v.is(ProvisionParameters.entries.socket_group, nix.socketGroup)) {
    return odd(`${nix.socketGroup} as the group of Nix’s socket`)
  }
  if (nix.socketGroup !== undefined && powerfulGroups.includes(nix.socketGroup)) {
    return { code: 'REMOTE_GROUP_POWERFUL', facts: { group: nix.socketGroup } }
  }
  return undefined
}

/** No part of it leads back up, or stands for another: what is read is what is meant. */
function isPlainPath(path: string): boolean {
  const parts = path.split('/').slice(1)
  return v.is(AbsolutePath, path) && parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

/** nix.conf(5); nix.custom.conf is Determinate's, for what its own installer does not write. */
function isConfFile({
  confDir,
  confFile,
}: Pick<NonNullable<RemoteFacts['nix']>, 'confDir' | 'confFile'>): boolean {
  const isKnown = confFile === `${confDir}/nix.conf` || confFile === `${confDir}/nix.custom.conf`
  return isKnown && isPlainPath(confFile)
}
