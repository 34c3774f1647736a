import { homedir } from 'node:os'
import { join } from 'node:path'
import { platform } from '../../../helper/system/find-installation'

const onMac = (path: string) => join(homedir(), 'Library', path)

/**
 * A folder of the XDG Base Directory Specification, which says to ignore a relative path in its variables; env-paths
 * would take one, and write the person's data below whatever folder the command was called in.
 */
function xdg(env: NodeJS.ProcessEnv, name: `XDG_${'CONFIG' | 'DATA' | 'STATE'}_HOME`, usual: string): string {
  const given = env[name]
  return given?.startsWith('/') ? given : join(homedir(), usual)
}

/** Where programs keep what the person has set; also on macOS, where Nix looks there too. */
export function configFolder(env = process.env): string {
  return xdg(env, 'XDG_CONFIG_HOME', '.config')
}

/** Where the person's own data lies. */
export function dataFolder(env = process.env): string {
  if (platform === 'darwin') return onMac('Application Support/Millwright/data')
  return join(xdg(env, 'XDG_DATA_HOME', '.local/share'), 'millwright')
}

/** Where the log lies: state of this computer, which no backup needs. */
export function logFolder(env = process.env): string {
  if (platform === 'darwin') return onMac('Logs/Millwright')
  return join(xdg(env, 'XDG_STATE_HOME', '.local/state'), 'millwright')
}
