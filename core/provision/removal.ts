import * as v from 'valibot'
import { ProvisionParameters } from '../../contract/remote'
import { sshAlias } from '../ssh/alias'
import { dedicatedBase, dedicatedHome } from './account'

interface Known {
  /** It was offered as substituter, or may have been. */
  readonly signs?: boolean
  /** An earlier version may have written its key lines, which then name no builder. */
  readonly mayBeUntagged?: boolean
}

/**
 * What a person can run on a builder that cannot be reached now, a sentence with its commands each; empty for
 * a builder whose provisioning is not known.
 */
export function removalCommands(
  parameters: Readonly<Record<string, string>>,
  { signs = false, mayBeUntagged = false }: Known = {},
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
  const rest = isDedicated
    ? [
        ...(trust || signs
          ? [takeOut([`^!include ${dedicatedBase}/nix.conf$`], conf_file), 'systemctl try-restart nix-daemon']
          : []),
        `userdel ${user}`,
        `rm -r ${dedicatedBase}`,
      ]
    : ['rm -r ~/.local/share/millwright']
  return [
    `On that machine, ${who}, shut this computer out: ${takeOut(lines, keys)}`,
    `If no line with “millwright:” is left in that file, remove the rest: ${rest.join(' && ')}`,
  ]
}
