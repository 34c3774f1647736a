import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostKind } from './accounts'
import { type Desktop, openDesktop } from './desktop'
import { enterHost } from './enter'
import { type Finished, must, run, until } from './process'
import { serviceManagerOf } from './service-manager'
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
  /** The host's first process, by the machine's numbering: what `nsenter -t` wants. Another after a reboot. */
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
  /** As the host's own first process does it, and waits until all has started again. The network stays as it is. */
  reboot(): Promise<void>
  /** The desktop session of `dev`, started when first asked for; on a client only. */
  desktop(): Promise<Desktop>
}

export interface HostFacts {
  readonly name: string
  readonly kind: HostKind
  readonly address: string
  /** The host's folder on the machine; it tells the number of its first process, in `pid`. */
  readonly room: string
  /** The folder of its control group (version 2) on the machine. */
  readonly cgroup: string
  /** Password of `dev`, which unlocks the keyring of its desktop. */
  readonly devPassword: string
}

/** The handle of a running host. */
export function makeHost(facts: HostFacts): Host {
  const { kind } = facts
  const manager = serviceManagerOf(kind)
  const pid = () => Number(readFileSync(join(facts.room, 'pid'), 'utf8'))
  const enter: Host['enter'] = (argv, options = {}) => enterHost({ ...facts, pid: pid() }, argv, options)
  const exec: Host['exec'] = (argv, options = {}) => run(enter(argv, options), runOptions(options))
  const mustHere: Host['must'] = (argv, options = {}) => must(enter(argv, options), runOptions(options))
  const script = async (text: string) => void (await mustHere(['sh', '-c', text]))
  let desktop: Promise<Desktop> | undefined

  const host: Host = {
    name: facts.name,
    kind,
    address: facts.address,
    get pid() {
      return pid()
    },
    enter,
    enterNetwork: (argv) => ['nsenter', '-t', String(pid()), '-n', ...argv],
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
    restartDaemon: () => script(manager.restartDaemon),
    stopSshd: () => script(manager.stopSshd),
    startSshd: () => script(manager.startSshd),
    cutNetwork: () => script(`nft -f - <<'END'\n${cutRules}END`),
    mendNetwork: () => script('nft delete table inet cut'),
    reboot: async () => {
      desktop = undefined
      const before = pid()
      if (manager.reboot === undefined) process.kill(before, 'SIGKILL')
      else await exec(['sh', '-c', manager.reboot])
      await until(`the reboot of ${facts.name}`, async () => pid() !== before, bootMs)
      await waitForServices(host)
    },
    desktop: () => {
      desktop ??= openDesktop(host, facts)
      return desktop
    },
  }
  return host
}

/** What a start of a host may take on a busy machine. */
const bootMs = 60_000

/** Waits until a host that has begun to start has started; throws the names of the units that failed. */
export async function waitForServices(host: Host): Promise<void> {
  const { sign, settled } = serviceManagerOf(host.kind)
  const name = host.name
  const hasSign = async () => existsSync(join('/proc', String(host.pid), 'root', sign))
  await until(`the first process of ${name}`, hasSign, bootMs)
  let last: Finished | undefined
  const isSettled = async () => {
    last = await host.sh(settled, { timeoutMs: bootMs })
    return last.code === 0 || last.stdout !== ''
  }
  await until(`the services of ${name}`, isSettled, bootMs)
  if (last?.code !== 0) throw new Error(`${name} has not started well: ${last?.stdout}`)
}

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
