import * as v from 'valibot'
import { ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import { sshAlias } from '../ssh/alias'
import { dedicatedBase, dedicatedHome } from './account'

interface Known {
  /** It was offered as substituter, or may have been. */
  readonly signs?: boolean
  /** An earlier version may have written its key lines, which then name no builder. */
  readonly mayBeUntagged?: boolean
  /** What a look found of its Nix. */
  readonly nix?: Pick<NonNullable<RemoteFacts['nix']>, 'daemonManager'> | undefined
}

/** By `RemoteFacts.nix.daemonManager`; what is not known of an earlier builder is what most have. */
const restartCommands: ReadonlyMap<string, string> = new Map([
  ['systemd', 'systemctl try-restart nix-daemon'],
  ['openrc', 'rc-service nix-daemon restart'],
  ['runit', 'sv restart nix-daemon'],
  ['s6', 's6-svc -r /run/service/nix-daemon'],
  ['dinit', 'dinitctl restart nix-daemon'],
  ['sysv', '/etc/init.d/nix-daemon restart'],
])

/**
 * What a person can run on a builder that cannot be reached now, a sentence with its commands each; empty for
 * a builder whose provisioning is not known.
 */
export function removalCommands(
  parameters: Readonly<Record<string, string>>,
  { signs = false, mayBeUntagged = false, nix }: Known = {},
): string[] {
  const parsed = v.safeParse(ProvisionParameters, parameters)
  if (!parsed.success) return []
  const { mode, user, install, builder, conf_file, trust } = parsed.output
  const isDedicated = mode === 'dedicated'
  const keys = isDedicated ? `${dedicatedHome}/.ssh/authorized_keys` : '~/.ssh/authorized_keys'
  const who = isDedicated ? 'as root' : `as ${user}`
  const takeOut = (patterns: readonly string[], file: string) =>
    `sed -i.bak ${patterns.map((pattern) => `-e '\\|${pattern}|d'`).join(' ')} ${file}`
  const lines = [
    ...(builder === '' ? [] : [` ${sshAlias(builder)} millwright:${install}:`]),
    ...(builder === '' || mayBeUntagged ? [` ssh-ed25519 [^ ]* millwright:${install}:`] : []),
  ]
  const isRead = isDedicated && (trust !== '' || signs)
  const restart = restartCommands.get(nix?.daemonManager ?? 'systemd')
  const rest = isDedicated
    ? [
        ...(isRead ? [takeOut([`^!include ${dedicatedBase}/nix.conf$`], conf_file)] : []),
        ...(isRead && restart ? [restart] : []),
        // logind keeps a user's manager for a while, and userdel(8) refuses while anything runs.
        `{ systemctl stop "user-$(id -u ${user}).slice" || pkill -u ${user}; sleep 1; userdel ${user} || deluser ${user}; }`,
        `rm -r ${dedicatedBase}`,
      ]
    : [
        ...(signs
          ? [takeOut(['^!include .*/[.]local/share/millwright/nix.conf$'], '~/.config/nix/nix.conf')]
          : []),
        'rm -r ~/.local/share/millwright',
      ]
  return [
    `On that machine, ${who}, shut this computer out: ${takeOut(lines, keys)}`,
    `If no line with “millwright:” is left in that file, remove the rest: ${rest.join(' && ')}`,
    ...(isRead && !restart
      ? ['Then restart the Nix daemon of that machine the way it is started there.']
      : []),
  ]
}
