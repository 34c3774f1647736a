/**
 * The kind of Nix on this computer: whose the store is, what makes its configuration, how its daemon comes to read that
 * again, and which ways lead to root. All of it is concluded here, from one look (`helper/system/find-installation.ts`);
 * nothing else asks what system this is, so that two places cannot take one computer for two kinds.
 */
export interface Installation {
  readonly platform: Platform
  /**
   * `daemon`: root's, and a daemon works on it for everyone. `single-user`: whoever owns the store works on it in their
   * own process. `none`: no store yet.
   */
  readonly kind: 'none' | 'daemon' | 'single-user'
  /** It is a single-user one of whoever runs this: nothing of it is root's, and nobody else uses it. */
  readonly isMine: boolean
  /** The uid that a store of one person belongs to. */
  readonly owner?: number
  /** What makes the configuration anew: a rebuild, or an installer's own daemon; `files`: nobody, people edit it. */
  readonly maker: 'files' | 'nixos' | 'nix-darwin' | 'determinate'
  /** The file in `/etc/nix` that a line of ours stays in. */
  readonly ourLineIn: 'nix.conf' | 'nix.custom.conf'
  /** What runs this computer's services; undefined: nothing that is known. */
  readonly manager: ServiceManager | undefined
  readonly restart: DaemonRestart
  /** The best first; which of them opens is known only when it is tried. */
  readonly waysToRoot: readonly WayToRoot[]
}

export type Platform = 'linux' | 'darwin'
export type ServiceManager = 'systemd' | 'launchd' | 'openrc' | 'runit' | 's6' | 'dinit' | 'sysv'

/**
 * How a daemon reads its settings again. `socket`: each connection starts one anew (Lix, `Accept=yes`); `none`: there is
 * no daemon; `unknown`: there is one, and no way to restart it is known.
 */
export type DaemonRestart =
  | { readonly by: ServiceManager; readonly command: readonly string[] }
  | { readonly by: 'socket' | 'none' | 'unknown' }

/** `root`: this process is root. The others by the program that asks, as an absolute path. */
export type WayToRoot =
  | { readonly by: 'root' }
  | { readonly by: 'pkexec' | 'sudo' | 'doas' | 'run0'; readonly program: string }

/** What one look at this computer tells. */
export interface InstallationFacts {
  readonly platform: Platform
  readonly euid: number
  /** Of the store, or of `/nix` where it holds none yet; absent: neither is there. */
  readonly storeOwner?: number
  /** Which of `installationMarks` are there. */
  readonly marks: ReadonlySet<string>
  /** Which of them are masked, as systemd.unit(5) has it: links to `/dev/null`. */
  readonly masked: ReadonlySet<string>
  /** Where `/etc/nix/nix.conf` leads, where it is a link. */
  readonly nixConfTarget?: string
  /** What it says, as far as it may be read. */
  readonly nixConf?: string
  /** The text of `nix-daemon.socket`. */
  readonly socketUnit?: string
}

export const daemonSocket = '/nix/var/nix/daemon-socket/socket'
const nixosMark = '/etc/NIXOS'
const nixDarwinMark = '/run/current-system/darwin-version'
const systemdMark = '/run/systemd/system'
const openrcMark = '/run/openrc'
const initScript = '/etc/init.d/nix-daemon'
const initScripts = [initScript, '/etc/rc.d/nix-daemon']
/** sv(8), as distributions link what runit looks after. */
const runitServices = ['/run/runit/service', '/var/service', '/etc/service', '/service'].map(
  (folder) => `${folder}/nix-daemon`,
)
const s6Services = ['/run/service/nix-daemon', '/run/s6/legacy-services/nix-daemon']
const dinitServices = ['/etc/dinit.d/nix-daemon', '/usr/lib/dinit.d/nix-daemon']
/** systemd.unit(5): the first folder wins. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]
const units = unitFolders.map((folder) => `${folder}/nix-daemon.service`)
/** Where the text of the socket's unit is looked for, in systemd's order. */
export const socketUnits = unitFolders.map((folder) => `${folder}/nix-daemon.socket`)
const launchdLabels = ['systems.determinate.nix-daemon', 'org.nixos.nix-daemon']
const plistOf = (label: string) => `/Library/LaunchDaemons/${label}.plist`
/** Where Determinate Nix stands: it writes nix.conf anew, and reads nix.custom.conf after it. */
const determinateMarks = [
  '/usr/local/bin/determinate-nixd',
  '/nix/var/nix/profiles/default/bin/determinate-nixd',
  plistOf('systems.determinate.nix-daemon'),
]
/** The policy's annotation is matched with the canonical path, and so is pkexec itself on NixOS. */
const rootPrograms = {
  pkexec: ['/usr/bin/pkexec', '/run/wrappers/bin/pkexec'],
  sudo: ['/usr/bin/sudo', '/run/wrappers/bin/sudo', '/usr/local/bin/sudo'],
  doas: ['/usr/bin/doas', '/run/wrappers/bin/doas', '/usr/local/bin/doas'],
  run0: ['/usr/bin/run0', '/run/current-system/sw/bin/run0'],
} as const
const daemonFiles = [
  ...units,
  ...initScripts,
  ...runitServices,
  ...s6Services,
  ...dinitServices,
  ...launchdLabels.map(plistOf),
]

/** All the paths whose being there says something. */
export const installationMarks: readonly string[] = [
  ...[daemonSocket, nixosMark, nixDarwinMark, systemdMark, openrcMark, ...daemonFiles, ...determinateMarks],
  ...Object.values(rootPrograms).flat(),
]

/** What the facts come to. */
export function installationOf(facts: InstallationFacts): Installation {
  const kind = kindOf(facts)
  const isOwned = kind === 'single-user' && facts.storeOwner !== undefined
  return {
    platform: facts.platform,
    kind,
    isMine: isOwned && facts.storeOwner === facts.euid,
    ...(isOwned ? { owner: facts.storeOwner } : {}),
    maker: makerOf(facts),
    ourLineIn: ourLineIn(facts),
    manager: managerOf(facts),
    restart: kind === 'daemon' ? restartOf(facts) : { by: 'none' },
    waysToRoot: waysToRoot(facts),
  }
}

/** A file that a rebuild has made: what it is called leads into a store, also by way of NixOS's and nix-darwin's links. */
export function isDeclaredPath(realPath: string): boolean {
  return /^\/(nix\/store|etc\/static)\//.test(realPath)
}

/**
 * Nix itself works on a store directly where whoever calls it may write there, and asks the daemon only else
 * (store-api.cc, `auto`). A daemon that is stopped may have taken its socket along.
 */
function kindOf(facts: InstallationFacts): Installation['kind'] {
  const { storeOwner, euid } = facts
  if (storeOwner !== undefined && storeOwner !== 0 && storeOwner === euid) return 'single-user'
  if (hasDaemon(facts)) return 'daemon'
  if (storeOwner === undefined) return 'none'
  return storeOwner === 0 && euid !== 0 ? 'daemon' : 'single-user'
}

function hasDaemon({ marks, masked }: InstallationFacts): boolean {
  // A mask in one folder hides the unit in all that come after it.
  const firstMasked = units.findIndex((unit) => masked.has(unit))
  const hidden = firstMasked < 0 ? [] : units.slice(firstMasked)
  return [daemonSocket, ...daemonFiles].some((path) => marks.has(path) && !hidden.includes(path))
}

function makerOf({ platform, marks, nixConfTarget = '' }: InstallationFacts): Installation['maker'] {
  const isLinked = nixConfTarget.startsWith('/etc/static/')
  if (marks.has(nixDarwinMark) || (isLinked && platform === 'darwin')) return 'nix-darwin'
  if (marks.has(nixosMark) || isLinked) return 'nixos'
  return determinateMarks.some((path) => marks.has(path)) ? 'determinate' : 'files'
}

/**
 * nix.custom.conf where an installer's nix.conf, which it may write anew, includes that one, as `remote/shared/nix-daemon.sh`
 * does it on a builder. A line of ours that stands in nix.conf already is not moved.
 */
function ourLineIn({ marks, nixConf = '' }: InstallationFacts): Installation['ourLineIn'] {
  if (determinateMarks.some((path) => marks.has(path))) return 'nix.custom.conf'
  const isOursThere = /^!include \S+\/millwright\/current\/nix\.conf$/m.test(nixConf)
  const isIncluded = /^\s*!?include\s+(\S*\/)?nix\.custom\.conf\s*$/m.test(nixConf)
  return isIncluded && !isOursThere ? 'nix.custom.conf' : 'nix.conf'
}

function managerOf(facts: InstallationFacts): ServiceManager | undefined {
  if (facts.platform === 'darwin') return 'launchd'
  if (facts.marks.has(systemdMark)) return 'systemd'
  return restartersOf(facts)[0]?.by
}

function restartOf(facts: InstallationFacts): DaemonRestart {
  if (/^\s*Accept\s*=\s*(yes|true|on|1)\s*$/im.test(facts.socketUnit ?? '')) return { by: 'socket' }
  return restartersOf(facts)[0] ?? { by: 'unknown' }
}

/** `try-restart` leaves a daemon alone that a socket starts on demand; it then reads its files anyway. */
function restartersOf({ platform, marks }: InstallationFacts) {
  const found = (paths: readonly string[]) => paths.find((path) => marks.has(path))
  const when = (by: ServiceManager, is: unknown, command: readonly string[]) => (is ? [{ by, command }] : [])
  if (platform === 'darwin') {
    const label = launchdLabels.find((one) => marks.has(plistOf(one)))
    return when('launchd', label, ['launchctl', 'kickstart', '-k', `system/${label}`])
  }
  if (marks.has(systemdMark)) return when('systemd', true, ['systemctl', 'try-restart', 'nix-daemon.service'])
  const [runit, s6, dinit, script] = [runitServices, s6Services, dinitServices, initScripts].map(found)
  // What these two start takes over our umask; the others tell a process that has its own.
  const openly = (...words: readonly string[]) => ['sh', '-c', 'umask 022; exec "$@"', 'sh', ...words]
  return [
    ...when('openrc', marks.has(openrcMark) && script, openly('rc-service', 'nix-daemon', 'restart')),
    ...when('runit', runit, ['sv', 'restart', runit ?? '']),
    ...when('s6', s6, ['s6-svc', '-r', s6 ?? '']),
    ...when('dinit', dinit, ['dinitctl', 'restart', 'nix-daemon']),
    ...when('sysv', script, openly(script ?? '', 'restart')),
  ]
}

function waysToRoot({ euid, marks }: InstallationFacts): readonly WayToRoot[] {
  if (euid === 0) return [{ by: 'root' }]
  const way = (by: keyof typeof rootPrograms) => {
    const program = rootPrograms[by].find((path) => marks.has(path))
    return program === undefined ? [] : [{ by, program }]
  }
  // run0(1) is a way to ask systemd.
  return [...way('pkexec'), ...way('sudo'), ...way('doas'), ...(marks.has(systemdMark) ? way('run0') : [])]
}
