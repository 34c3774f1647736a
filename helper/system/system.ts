import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { readPlainText } from './read-file'

/** Where things are on this computer. Tests put all of it under a folder of their own with `root`. */
export interface System {
  readonly platform: 'linux' | 'darwin'
  /** Up to where a path is checked: `/`, but for tests. */
  readonly top: string
  /** Whose the files are and who may change them: 0, but for tests. */
  readonly owner: number
  /** Root's home by getpwuid(3), as ssh reads it; not what HOME says. */
  readonly home: string
  readonly nixConfigDirectory: string
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

/** The helper's own PATH: folders that only root writes. */
export const canonicalPath = [
  '/nix/var/nix/profiles/default/bin',
  '/run/current-system/sw/bin',
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
].join(':')

export function thisSystem(root = '', owner = 0): System {
  const isMac = process.platform === 'darwin'
  return {
    platform: isMac ? 'darwin' : 'linux',
    top: root || '/',
    owner,
    home: root ? `${root}/root` : isMac ? '/var/root' : rootHome(),
    nixConfigDirectory: `${root}/etc/nix`,
    storeDirectory: '/nix/store',
    daemonSocket: '/nix/var/nix/daemon-socket/socket',
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

/** Where Determinate Nix stands: it writes nix.conf anew, and reads nix.custom.conf after it. */
const determinateMarks = [
  '/usr/local/bin/determinate-nixd',
  '/nix/var/nix/profiles/default/bin/determinate-nixd',
  '/Library/LaunchDaemons/systems.determinate.nix-daemon.plist',
]

/**
 * The file for our line: nix.custom.conf where an installer's nix.conf, which it may write anew, includes that one, as
 * `remote/shared/nix-daemon.sh` does it on a builder; else nix.conf.
 */
export function nixConfPath({ top, nixConfigDirectory }: System): string {
  const [main, custom] = ['nix.conf', 'nix.custom.conf'].map((name) => `${nixConfigDirectory}/${name}`) as [
    string,
    string,
  ]
  const isDeterminate = determinateMarks.some((path) => existsSync(top === '/' ? path : `${top}${path}`))
  return isDeterminate || leadsToCustom(main) ? custom : main
}

/** A line of ours that stands in nix.conf already is not moved. */
function leadsToCustom(nixConf: string): boolean {
  try {
    const text = readPlainText(nixConf)
    const isOursThere = /^!include \S+\/millwright\/current\/nix\.conf$/m.test(text)
    return !isOursThere && /^\s*!?include\s+(\S*\/)?nix\.custom\.conf\s*$/m.test(text)
  } catch {
    // Not there, no plain file, or not for this user to read: what Nix passes over too, or is refused later in words.
    return false
  }
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
