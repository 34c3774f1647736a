import { userInfo } from 'node:os'
import { daemonSocket, type Platform } from '../../core/nix/installation'
import { findInstallation, platform } from './find-installation'
import { readPlainText } from './read-file'

/** Where things are on this computer. Tests put all of it under a folder of their own with `root`. */
export interface System {
  /** `root`: a daemon serves root's store to everyone. `person`: their own store, worked on in their own processes. */
  readonly whose: 'root' | 'person'
  readonly platform: Platform
  /** Up to where a path is checked: `/`, but for tests. */
  readonly top: string
  /** Whose the files are and who may change them: 0, but for tests. */
  readonly owner: number
  /** Root's home by getpwuid(3), as ssh reads it; not what HOME says. */
  readonly home: string
  /** Of what is started. */
  readonly userName: string
  /** The PATH of what is started. */
  readonly searchPath: string
  /** Where the nix.conf lies that gets our line. */
  readonly nixConfigDirectory: string
  /** Millwright's own: keys, generations, and `current`, the link that says which one is in force. */
  readonly ownDirectory: string
  /** Files that a rebuild makes; what our module has put into them stands for a line of ours. */
  readonly declared?: { readonly nixConf: string; readonly sshConfig: string } | undefined
  /** What else is to be told to Nix, so that it reads the files that are meant. */
  readonly nixEnvironment: Readonly<Record<string, string>>
  /** The files with settings, in the order in which Nix reads them. */
  readonly confFiles: readonly string[]
  /** The list that `builders` stands for where nobody has set it. */
  readonly usualMachines: string
  readonly storeDirectory: string
  readonly daemonSocket: string
  /** Root's, gone after a restart: the lock and the switch's call times. */
  readonly runDirectory: string
  readonly logDirectory: string
  /** Where a service of the system's own is put: units of systemd, daemons of launchd. */
  readonly serviceDirectory: string
  /** Holds an exclusive lock on a file, after at most ten seconds, while the command after it runs. */
  readonly lockCommand: readonly string[]
  /** The same without waiting. */
  readonly tryLockCommand: readonly string[]
  /** Is asked by ssh before each login whether a builder answers; undefined where none is installed beside the helper. */
  readonly guard?: string | undefined
}

/** Root's PATH here: folders that only root writes. */
export const canonicalPath = [
  '/nix/var/nix/profiles/default/bin',
  '/run/current-system/sw/bin',
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
].join(':')

export function thisSystem(root = '', owner = 0): System {
  const isMac = platform === 'darwin'
  const home = root ? `${root}/root` : isMac ? '/var/root' : rootHome()
  return {
    ...(isRebuilt(root || '/') ? rebuiltFolders(root, home) : usualFolders(root)),
    whose: 'root',
    platform,
    top: root || '/',
    owner,
    userName: 'root',
    searchPath: canonicalPath,
    nixEnvironment: {},
    usualMachines: `${root}/etc/nix/machines`,
    home,
    storeDirectory: '/nix/store',
    daemonSocket,
    runDirectory: `${root}${isMac ? '/var' : ''}/run/millwright`,
    logDirectory: `${root}/var/log/millwright`,
    serviceDirectory: `${root}${isMac ? '/Library/LaunchDaemons' : '/etc/systemd/system'}`,
    lockCommand: isMac ? ['lockf', '-k', '-t', '10'] : ['flock', '--wait', '10'],
    tryLockCommand: isMac ? ['lockf', '-k', '-t', '0'] : ['flock', '--nonblock'],
  }
}

type Folders = Pick<System, 'confFiles' | 'nixConfigDirectory' | 'ownDirectory' | 'declared'>

function usualFolders(root: string): Folders {
  const nixConfigDirectory = `${root}/etc/nix`
  return {
    confFiles: [`${nixConfigDirectory}/nix.conf`],
    nixConfigDirectory,
    ownDirectory: `${nixConfigDirectory}/millwright`,
  }
}

/** NixOS and nix-darwin make `/etc/nix` anew. A store alone makes no system that is rebuilt. */
function isRebuilt(top: string): boolean {
  return ['nixos', 'nix-darwin'].includes(findInstallation(top).maker)
}

/**
 * The daemon reads root's own user file after `/etc/nix/nix.conf` (nix.conf(5), NIX_USER_CONF_FILES), and no rebuild makes
 * that one; nor `/var/lib`. A name with a space, as macOS has them in `/Library`, would end an include line.
 */
function rebuiltFolders(root: string, home: string): Folders {
  const nixConf = `${root}/etc/nix/nix.conf`
  const nixConfigDirectory = `${home}/.config/nix`
  return {
    confFiles: [nixConf, `${nixConfigDirectory}/nix.conf`],
    nixConfigDirectory,
    ownDirectory: `${root}/var/lib/millwright`,
    declared: { nixConf, sshConfig: `${root}/etc/ssh/ssh_config` },
  }
}

/** An ordinary user who asks for the status cannot look into root's home; they are told its usual place. */
function rootHome(): string {
  try {
    return process.getuid?.() === 0 ? userInfo().homedir : '/root'
  } catch {
    // A system without a passwd(5) entry for root, or one that cannot be read now.
    return '/root'
  }
}

/** The file for our line: one that declares it already, else the one that whatever makes the configuration leaves alone. */
export function nixConfPath(system: System): string {
  const { whose, top, nixConfigDirectory, declared } = system
  if (declared) {
    const isThere = declares(declared.nixConf, `!include ${currentLink(system)}/nix.conf`)
    return isThere ? declared.nixConf : `${nixConfigDirectory}/nix.conf`
  }
  return `${nixConfigDirectory}/${whose === 'person' ? 'nix.conf' : findInstallation(top).ourLineIn}`
}

/** Likewise: ssh reads the system's file after root's own, and whatever is said first counts. */
export function sshConfigPath(system: System): string {
  const { home, declared } = system
  const isThere = declared && declares(declared.sshConfig, `Include ${currentLink(system)}/ssh_config`)
  return isThere ? declared.sshConfig : `${home}/.ssh/config`
}

function declares(path: string, line: string): boolean {
  try {
    return readPlainText(path)
      .split('\n')
      .some((one) => one.trim() === line)
  } catch {
    // Not there, or not for this user to read: then it declares nothing that they can know of.
    return false
  }
}

export function ownDirectory(system: System): string {
  return system.ownDirectory
}

export function currentLink(system: System): string {
  return `${ownDirectory(system)}/current`
}

/** Holds the sockets of the shared connections; root's alone. */
export function controlMastersDirectory({ runDirectory }: System): string {
  return `${runDirectory}/masters`
}

/** Holds what the guard knows of each builder, a file each. */
export function stampsDirectory({ runDirectory }: System): string {
  return `${runDirectory}/answers`
}

export function keyPath(system: System, id: string): string {
  return `${ownDirectory(system)}/keys/${id}`
}
