import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddOptions } from '../../../contract/commands'
import type { Reply } from '../../../contract/failure'
import type { RemoteFacts } from '../../../contract/remote'
import { parseInspection, type ScriptResult } from '../../../core/provision/inspect'
import { type Provisioning, planProvision } from '../../../core/provision/plan'
import { parseOutcome, type RemoteOutcome } from '../../../core/provision/progress'
import type { KeyRole } from '../../../core/provision/remote-files'
import { assembleScripts } from '../../../core/scripts/assemble'
import { inspectScript, provisionScript, runsAs, unprovisionScript } from '../../../core/scripts/script'
import { lookInside } from '../../../main/usecases/steps/remote-session'
import { type HostKind, makeKeyPair } from '../fleet/accounts'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Tree } from '../fleet/tree'
import { derivation, thisSystem } from './derivation'

const folder = join(import.meta.dirname, '../../../remote')

/** The files of `remote/`, by their path there. */
export const remoteFiles = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sh'))
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
)

export const scripts = assembleScripts(remoteFiles)

/** An installation of Millwright on the client, with keys of its own in /root there. */
export interface Install {
  readonly id: string
  readonly buildKey: string
  readonly monitorKey: string
  readonly collectKey: string
  /** Folder on the client that holds `build`, `monitor` and `collect`, the private halves. */
  readonly keys: string
}

/** A machine over there as a person reaches it: by plain ssh from the client. */
export interface KitMachine {
  inspect(wrapper?: string): Promise<Reply<RemoteFacts>>
  plan(install: Install, options?: AddOptions): Promise<Reply<Provisioning>>
  /** Runs a script there, as root when `asRoot`, with ssh itself cut at a line that `stopAt` matches. */
  run(script: string, asRoot: boolean, stopAt?: RegExp): Promise<ScriptResult>
  provision(install: Install, options?: AddOptions): Promise<Provisioning['parameters']>
  tryProvision(
    install: Install,
    parameters: Provisioning['parameters'],
    stopAt?: RegExp,
  ): Promise<Reply<RemoteOutcome>>
  unprovision(parameters: Provisioning['parameters'], stopAt?: RegExp): Promise<Reply<RemoteOutcome>>
  /** Runs a command there with one of the installation's own keys. */
  withKey(
    install: Install,
    role: KeyRole,
    user: string,
    words: readonly string[],
    /** Given to it on standard input; nothing unless told. */
    input?: string,
  ): Promise<ScriptResult>
}

const clientName = 'client'
export const newNonce = () => randomBytes(6).toString('hex')

/** Makes an installation's keys and lays their private halves down on the client. */
export async function newInstall(fleet: Fleet, folder: string): Promise<Install> {
  const id = randomBytes(4).toString('hex')
  const [build, monitor, collect] = await Promise.all([
    makeKeyPair(join(folder, `${id}-build`), ''),
    makeKeyPair(join(folder, `${id}-monitor`), ''),
    makeKeyPair(join(folder, `${id}-collect`), ''),
  ])
  const keys = `/root/keys-${id}`
  const client = fleet.host(clientName)
  await client.writeFile(`${keys}/build`, build.privateKey, { mode: '0600' })
  await client.writeFile(`${keys}/monitor`, monitor.privateKey, { mode: '0600' })
  await client.writeFile(`${keys}/collect`, collect.privateKey, { mode: '0600' })
  const bare = (line: string) => line.split(' ').slice(0, 2).join(' ')
  return {
    id,
    keys,
    buildKey: bare(build.publicKey),
    monitorKey: bare(monitor.publicKey),
    collectKey: bare(collect.publicKey),
  }
}

/** One builder of an installation that has no other entry of that machine. */
const noLines = { buildKey: '', ownsUntagged: true }
const ownLines = ({ buildKey }: Install) => ({ ...noLines, buildKey })

const sshOptions = ['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=accept-new']

/** Reaches `host` as `login` with the fleet's key; root by sudo without a password where login is not root. */
export async function farMachine(fleet: Fleet, host: string, login: string): Promise<KitMachine> {
  const client = fleet.host(clientName)
  await client.writeFile('/root/fleet-key', fleet.credentials.key.privateKey, { mode: '0600' })

  const machine: KitMachine = {
    run: async (script, asRoot, stopAt) => {
      const shell = asRoot && login !== 'root' ? 'sudo -n /bin/sh -s' : '/bin/sh -s'
      // A script is killed by a shell of its own that reads its output: it gets no chance to tidy up.
      const command = stopAt ? `sh -c ${shellWord(killAt(shell, stopAt))}` : shell
      const argv = ['ssh', ...sshOptions, '-i', '/root/fleet-key', `${login}@${host}`, command]
      return client.exec(argv, { input: script, timeoutMs: 50_000 })
    },
    inspect: async (wrapper) => {
      const nonce = newNonce()
      const run = (script: string) => machine.run(script, false)
      const parsed = parseInspection(await run(inspectScript(scripts, nonce, wrapper)), nonce)
      return parsed.ok ? { ok: true, value: await lookInside(run, scripts, parsed.value, nonce) } : parsed
    },
    plan: async (install, options = {}) => {
      const facts = await machine.inspect(options.wrapper)
      if (!facts.ok) return facts
      return planProvision({
        facts: facts.value,
        local: { nixVersion: 'nix (Nix) 2.8.0', system: 'x86_64-linux', speedScore: 30 },
        options,
        scripts,
        installId: install.id,
        id: host,
        monitorKey: install.monitorKey,
        collectKey: install.collectKey,
      })
    },
    provision: async (install, options) => {
      const planned = await machine.plan(install, options)
      if (!planned.ok) throw new Error(JSON.stringify(planned.failure))
      const { parameters } = planned.value
      const outcome = await machine.tryProvision(install, parameters)
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
      return parameters
    },
    tryProvision: async (install, parameters, stopAt) => {
      const nonce = newNonce()
      const script = provisionScript(scripts, parameters, ownLines(install), nonce)
      return parseOutcome(await machine.run(script, runsAs(parameters) === 'root', stopAt), nonce)
    },
    unprovision: async (parameters, stopAt) => {
      const nonce = newNonce()
      const script = unprovisionScript(scripts, parameters, noLines, nonce)
      return parseOutcome(await machine.run(script, runsAs(parameters) === 'root', stopAt), nonce)
    },
    withKey: (install, role, user, words, input = '') =>
      client.exec(
        ['ssh', ...sshOptions, '-o', 'IdentitiesOnly=yes', '-i', `${install.keys}/${role}`, ...words].map(
          (word) => (word === 'HOST' ? `${user}@${host}` : word),
        ),
        { timeoutMs: 20_000, input },
      ),
  }
  return machine
}

/** Shell text that runs a shell on its own input and kills its whole group with -9 once a line matches. */
function killAt(shell: string, line: RegExp): string {
  return `cat >/tmp/script.$$; mkfifo /tmp/out.$$
setsid ${shell} </tmp/script.$$ >/tmp/out.$$ 2>&1 & pid=$!
while read -r said; do
  echo "$said"
  if echo "$said" | grep -qE '${line.source}'; then
    ${shell.startsWith('sudo') ? 'sudo -n ' : ''}kill -9 -- "-$pid"
    break
  fi
done </tmp/out.$$
rm -f /tmp/script.$$ /tmp/out.$$`
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Where provisioning could leave anything. Not all of /var/lib: the machine beneath the hosts lives on there. */
const watched = [
  ...['/etc', '/home', '/root', '/var/mail', '/var/lib/millwright'],
  ...['/nix/var/nix/profiles', '/nix/var/nix/gcroots'],
]
/** The last edition that shadow(5) keeps of its files; the room that Nix makes for everybody who builds. */
const caches = [
  ...['passwd-', 'shadow-', 'group-', 'gshadow-'].map((name) => `/etc/${name}`),
  ...['profiles', 'gcroots'].flatMap((kind) =>
    ['plain', 'solo'].map((user) => `/nix/var/nix/${kind}/per-user/${user}`),
  ),
  '/nix/var/nix/gcroots/auto',
]

/** A client with one installation, and machines that it may reach. */
export interface Machines<Name extends string> {
  readonly fleet: Fleet<Name | 'client'>
  readonly install: Install
  newInstall(): Promise<Install>
  far(host: Name, login: string): Promise<KitMachine>
  tree(host: Name): Promise<Tree>
  /** Builds a new derivation from the client by one machine alone and returns what is in its output. */
  buildOn(host: Name, user: string, protocol: string, keys?: string): Promise<string>
  close(): Promise<void>
}

export async function openMachines<Name extends string>(
  hosts: Readonly<Record<Name, HostKind>>,
): Promise<Machines<Name>> {
  const folder = mkdtempSync(join(tmpdir(), 'far-side-'))
  const all: Readonly<Record<string, HostKind>> = { ...hosts, client: 'client' }
  const fleet: Fleet<string> = await openFleet({ hosts: all })
  const client = fleet.host('client')
  const install = await newInstall(fleet, folder)
  for (const [name, kind] of Object.entries<HostKind>(hosts)) {
    // The first login of all records the host's key on the client; the first use of a store makes its folders.
    await (await farMachine(fleet, name, 'root')).inspect()
    const user = kind === 'single-user' ? 'solo' : 'root'
    if (kind !== 'bare' && kind !== 'chroot') await fleet.host(name).must(['nix-store', '--verify'], { user })
  }
  return {
    fleet,
    install,
    newInstall: () => newInstall(fleet, folder),
    far: (host, login) => farMachine(fleet, host, login),
    tree: (host) => fleet.host(host).tree(watched, { exclude: caches }),
    buildOn: async (host, user, protocol, keys = install.keys) => {
      const address = fleet.address(host)
      const machine = `${protocol}://${user}@${address} ${thisSystem} ${keys}/build`
      await client.writeFile('/etc/nix/machines', `${machine}\n`)
      await client.writeFile('/tmp/far.nix', derivation())
      const known = (await fleet.host(host).hostKeys()).map((key) => `${address} ${key}\n`)
      await client.writeFile('/root/.ssh/known_hosts2', known.join(''), { mode: '0600' })
      const out = await client.must(['nix-build', '-j0', '--no-out-link', '/tmp/far.nix'], { user: 'dev' })
      return client.readFile(out.trim())
    },
    close: async () => {
      await fleet.close()
      rmSync(folder, { recursive: true })
    },
  }
}
