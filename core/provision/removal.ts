import * as v from 'valibot'
import { ProvisionParameters } from '../../contract/remote'
import { dedicatedBase, dedicatedHome } from './account'

/**
 * What a person can run on a builder that cannot be reached now, a sentence with its commands each; empty for
 * a builder whose provisioning is not known. `signs`: it was offered as substituter.
 */
export function removalCommands(parameters: Readonly<Record<string, string>>, signs = false): string[] {
  const parsed = v.safeParse(ProvisionParameters, parameters)
  if (!parsed.success) return []
  const { mode, user, install, conf_file, trust } = parsed.output
  const isDedicated = mode === 'dedicated'
  const keys = isDedicated ? `${dedicatedHome}/.ssh/authorized_keys` : '~/.ssh/authorized_keys'
  const who = isDedicated ? 'as root' : `as ${user}`
  const takeOut = (pattern: string, file: string) => `sed -i.bak '\\|${pattern}|d' ${file}`
  const rest = isDedicated
    ? [
        ...(trust || signs
          ? [takeOut(`^!include ${dedicatedBase}/nix.conf$`, conf_file), 'systemctl try-restart nix-daemon']
          : []),
        `userdel ${user}`,
        `rm -r ${dedicatedBase}`,
      ]
    : ['rm -r ~/.local/share/millwright']
  return [
    `On that machine, ${who}, shut this computer out: ${takeOut(` millwright:${install}:`, keys)}`,
    `If no line with “millwright:” is left in that file, remove the rest: ${rest.join(' && ')}`,
  ]
}
