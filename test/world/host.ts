import type { HostKind } from './accounts'
import { type Desktop, openDesktop } from './desktop'
import { type Finished, must, run } from './process'
import { readTree, type Tree, treeHash } from './tree'

export interface EnterOptions {
  /** Any login name of the host; root unless told. Its home is where the program starts. */
  readonly user?: string
  readonly cwd?: string
  /** Added to the clean environment of a login. It shows in the argument vector: no secrets. */
  readonly env?: Readonly<Record<string, string>>
}

export interface ExecOptions extends EnterOptions {
  readonly input?: string | Uint8Array
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

export interface TreeOptions {
  /** Paths whose own entry and whole content do not count. */
  readonly exclude?: readonly string[]
}

/** A host of the fleet, seen from the machine that runs the tests. */
export interface Host {
  readonly name: string
  readonly kind: HostKind
  readonly address: string
  /** The host's first process, by the machine's numbering: what `nsenter -t` wants. */
  readonly pid: number
  /** The argument vector that runs a program on the host; for `spawn`, or for a file that names a program. */
  enter(argv: readonly string[], options?: EnterOptions): string[]
  /** The same with the host's network alone: files, users and processes stay the machine's. */
  enterNetwork(argv: readonly string[]): string[]
  exec(argv: readonly string[], options?: ExecOptions): Promise<Finished>
  /** As `exec`, answering standard output; throws what the program said when it fails. */
  must(argv: readonly string[], options?: ExecOptions): Promise<string>
  /** Runs text by the POSIX shell. */
  sh(script: string, options?: ExecOptions): Promise<Finished>
  /** Starts a program that stays; its output is in /var/log/NAME.log on the host. */
  start(name: string, argv: readonly string[], options?: EnterOptions): Promise<void>
  readFile(path: string): Promise<string>
  /** Writes a file with its folders; owner root and mode 0644 unless told. */
  writeFile(path: string, text: string, options?: { mode?: string; owner?: string }): Promise<void>
  /** One line for each file below the paths: mode, owner, link target, hash of the content. */
  tree(paths: readonly string[], options?: TreeOptions): Promise<Tree>
  /** One hash (SHA-256, hex) over `tree`. */
  treeHash(paths: readonly string[], options?: TreeOptions): Promise<string>
  /** The public host keys, `TYPE BASE64`, as known_hosts has them after the name. */
  hostKeys(): Promise<string[]>
  restartDaemon(): Promise<void>
  /** Stops the listener and cuts every connection it had. */
  stopSshd(): Promise<void>
  startSshd(): Promise<void>
  /** From now on every packet to and from the host is dropped, as when a cable is pulled. */
  cutNetwork(): Promise<void>
  mendNetwork(): Promise<void>
  /** Ends every process, empties /run and /tmp, starts the services: what a reboot does. */
  reboot(): Promise<void>
  /** The desktop session of `dev`, started when first asked for; on a client only. */
  desktop(): Promise<Desktop>
}

export const cleanPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface HostFacts {
  readonly name: string
  readonly kind: HostKind
  readonly address: string
  readonly pid: number
  readonly cgroup: string | undefined
  /** Password of `dev`, which unlocks the keyring of its desktop. */
  readonly devPassword: string
}

/** The handle of a running host. */
export function makeHost(facts: HostFacts): Host {
  const { pid, kind } = facts
  const enter = (argv: readonly string[], { user = 'root', cwd, env = {} }: EnterOptions = {}) => {
    const pairs = Object.entries({ PATH: cleanPath, LANG: 'C.UTF-8', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    )
    const place = cwd === undefined ? [] : ['-C', cwd]
    return [...nsenter, '-a', 'sh', '-c', become, user, 'env', ...place, ...pairs, ...argv]
  }
  const nsenter = ['nsenter', '-t', String(pid)]
  const exec: Host['exec'] = (argv, options = {}) => run(enter(argv, options), runOptions(options))
  const mustHere: Host['must'] = (argv, options = {}) => must(enter(argv, options), runOptions(options))
  const script = async (text: string) => void (await mustHere(['sh', '-c', text]))
  let desktop: Promise<Desktop> | undefined

  const host: Host = {
    name: facts.name,
    kind,
    address: facts.address,
    pid,
    enter,
    enterNetwork: (argv) => [...nsenter, '-n', ...argv],
    exec,
    must: mustHere,
    sh: (text, options) => exec(['sh', '-c', text], options),
    start: async (name, argv, options) => {
      const background = 'exec setsid -f "$@" </dev/null >>"/var/log/$0.log" 2>&1'
      const log = `/var/log/${name}.log`
      await mustHere(['install', '-m', '0666', '/dev/null', log])
      await mustHere(['sh', '-c', background, name, ...argv], options)
    },
    readFile: (path) => mustHere(['cat', '--', path]),
    writeFile: async (path, text, { mode = '0644', owner = 'root' } = {}) => {
      // New folders in a person's home are that person's.
      await exec(['sh', '-c', 'mkdir -p "$(dirname "$0")"', path], { user: owner })
      const write =
        'mkdir -p "$(dirname "$0")" && umask 077 && cat >"$0" && chown "$1": "$0" && chmod "$2" "$0"'
      await mustHere(['sh', '-c', write, path, owner, mode], { input: text })
    },
    tree: (paths, options = {}) => readTree(mustHere, paths, options.exclude ?? []),
    treeHash: async (paths, options) => treeHash(await host.tree(paths, options)),
    hostKeys: async () => {
      const lines = await mustHere(['sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub'])
      return lines
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 2).join(' '))
    },
    restartDaemon: () => script('systemctl restart nix-daemon'),
    stopSshd: () => script('systemctl stop ssh; pkill -KILL -x "sshd(-session)?" || true'),
    startSshd: () => script('systemctl start ssh'),
    cutNetwork: () => script(`nft -f - <<'END'\n${cutRules}END`),
    mendNetwork: () => script('nft delete table inet cut'),
    reboot: async () => {
      desktop = undefined
      await exec(['sh', '-c', 'kill -9 -1'])
      await script('find /run /tmp -xdev -mindepth 1 -delete')
      await mustHere(['host-boot', kind])
    },
    desktop: () => {
      desktop ??= openDesktop(host, facts)
      return desktop
    },
  }
  return host
}

/** Runs the rest as $0 in its home, with what passwd(5) says of it in the environment and nothing else there. */
const become = `home=$(getent passwd "$0" | cut -d: -f6)
cd "$home" 2>/dev/null || cd /
exec setpriv --reuid="$0" --regid="$(id -g "$0")" --init-groups --reset-env "$@"`

const cutRules = `add table inet cut
add chain inet cut in { type filter hook input priority 0; }
add rule inet cut in iifname "eth0" drop
add chain inet cut out { type filter hook output priority 0; }
add rule inet cut out oifname "eth0" drop
`

function runOptions({ input, signal, timeoutMs }: ExecOptions) {
  return {
    ...(input === undefined ? {} : { input }),
    ...(signal ? { signal } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }
}
