import { accessSync, constants } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { confFiles } from '../../core/nix/effective-settings'
import { decidingVariables } from '../../core/nix/service-environment'
import { canonicalPath, type System, thisSystem } from '../system/system'

export interface PersonFolders {
  /** `$XDG_CONFIG_HOME`, by default `~/.config`. */
  readonly config: string
  /** The person's own data; the lock lies there where the session gives no folder that ends with it. */
  readonly data: string
}

/**
 * Where things are for whoever owns the store themselves: what root's helper writes for everyone lies in their own Nix
 * and SSH configuration, and the same operations run in their own process.
 */
export function personSystem({ config, data }: PersonFolders, env = process.env): System {
  const { username, homedir, uid } = userInfo()
  const nixEnvironment = { ...decidingVariables(env), HOME: env.HOME ?? homedir, XDG_CONFIG_HOME: config }
  const nixConfigDirectory = `${config}/nix`
  return {
    ...thisSystem(),
    whose: 'person',
    owner: uid,
    home: homedir,
    userName: username,
    searchPath: [
      join(homedir, '.nix-profile/bin'),
      join(homedir, '.local/state/nix/profile/bin'),
      canonicalPath,
    ].join(':'),
    nixEnvironment,
    confFiles: confFiles({ env: nixEnvironment, homeDir: homedir, hasConfigHome: false }),
    usualMachines: '/etc/nix/machines',
    nixConfigDirectory,
    ownDirectory: `${nixConfigDirectory}/millwright`,
    declared: undefined,
    runDirectory: runDirectory(env.XDG_RUNTIME_DIR) ?? join(data, 'run'),
    logDirectory: join(data, 'log'),
    serviceDirectory: join(nixConfigDirectory, 'millwright/services'),
  }
}

/** XDG Base Directory Specification: the person's alone, and gone when they log out. */
function runDirectory(session: string | undefined): string | undefined {
  if (!session?.startsWith('/')) return undefined
  try {
    accessSync(session, constants.W_OK)
    return join(session, 'millwright')
  } catch {
    // Of another session, as after su(1), or gone.
    return undefined
  }
}
