import { userInfo } from 'node:os'
import { daemonSocket, type Platform } from '../../core/nix/installation'
import { findInstallation, platform } from './find-installation'

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
  const nixConfigDirectory = `${root}/etc/nix`
  return {
    whose: 'root',
    platform,
    top: root || '/',
    owner,
    userName: 'root',
    searchPath: canonicalPath,
    nixEnvironment: {},
    confFiles: [`${nixConfigDirectory}/nix.conf`],
    usualMachines: `${nixConfigDirectory}/machines`,
    home: root ? `${root}/root` : isMac ? '/var/root' : rootHome(),
    nixConfigDirectory,
    storeDirectory: '/nix/store',
    daemonSocket,
    runDirectory: `${root}${isMac ? '/var' : ''}/run/millwright`,
    logDirectory: `${root}/var/log/millwright`,
    serviceDirectory: `${root}${isMac ? '/Library/LaunchDaemons' : '/etc/systemd/system'}`,
    lockCommand: isMac ? ['lockf', '-k', '-t', '10'] : ['flock', '--wait', '10'],
    tryLockCommand: isMac ? ['lockf', '-k', '-t', '0'] : ['flock', '--nonblock'],
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

/** The file for our line: the one that whatever makes the configuration leaves alone. */
export function nixConfPath({ whose, top, nixConfigDirectory }: System): string {
  return `${nixConfigDirectory}/${whose === 'person' ? 'nix.conf' : findInstallation(top).ourLineIn}`
}

export function sshConfigPath({ home }: System): string {
  return `${home}/.ssh/config`
}

/** Millwright's own folder: keys, generations, and `current`, the link that says which one is in force. */
export function ownDirectory({ nixConfigDirectory }: System): string {
  return `${nixConfigDirectory}/millwright`
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
