import { join } from 'node:path'
import { fail } from '../../../failures'
import type { LoginRequest } from '../../../ports/ssh'
import { askSsh, askSshOfCopy, type SshOptions } from './ask-ssh'
import { type ConfigTree, readConfigTree } from './config-tree'
import { createExpand, type Expand } from './expand-tokens'
import { findExec } from './read-options'

/** Whose SSH configuration is read, and where it lies. */
export interface Person {
  readonly homeDir: string
  readonly userName: string
  /** `/etc/ssh` unless a test says otherwise. */
  readonly systemDir: string
  /** These are where ssh looks by itself, so that it can be asked, and judges the files' owners and modes. */
  readonly isWhereSshLooks?: boolean
}

/** The ways in that the configuration allows, by their names of RFC 4252. */
export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive'

/** Where and as whom to log in, once the person's ssh_config(5) has had its say. */
export interface ResolvedLogin {
  /** As asked for. */
  readonly alias: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly addressFamily: 0 | 4 | 6
  /** Files named by the configuration or by the request; the usual ones when neither names any. */
  readonly identityFiles: readonly string[]
  /** Whether a person named the files. */
  readonly identitiesNamed: boolean
  readonly identitiesOnly: boolean
  readonly certificateFiles: readonly string[]
  /** Socket of ssh-agent(1); undefined to use none; absent to use `SSH_AUTH_SOCK`. */
  readonly identityAgent?: string | undefined
  /** In the order in which they are tried. */
  readonly methods: readonly LoginMethod[]
  readonly knownHosts: KnownHostsRules
  readonly jump?: LoginRequest
  /** Options of the person's own file that were left out, as written by ssh_config(5) in lower case. */
  readonly ignoredOptions: readonly string[]
  /** What may have said otherwise where the login fails, each with its file and line where it has one. */
  readonly notFollowed: readonly string[]
}

/** How a host key is judged (ssh_config(5)). */
export interface KnownHostsRules {
  /** `HostKeyAlias` */
  readonly alias?: string
  readonly files: readonly string[]
  /** `StrictHostKeyChecking yes`: a key that is not known is refused, without a question. */
  readonly isStrict: boolean
  /** `CheckHostIP` */
  readonly checksAddress: boolean
  /** `HashKnownHosts` */
  readonly hashesNames: boolean
  /** `KnownHostsCommand`, which is not run. */
  readonly hasCommand: boolean
  /** `RequiredRSASize`; 0 where this ssh does not know it. */
  readonly leastRsaBits: number
}

/** What of `ssh -G` is taken, or makes no difference to a login that runs a script. */
const usedOptions = new Set(
  `host hostname user port addressfamily identityfile identitiesonly identityagent certificatefile proxyjump
  hostkeyalias userknownhostsfile globalknownhostsfile stricthostkeychecking checkhostip hashknownhosts requiredrsasize
  passwordauthentication kbdinteractiveauthentication pubkeyauthentication preferredauthentications
  canonicalizehostname canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames`.split(
    /\s+/,
  ),
)
const usualFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Resolves a host or alias as ssh(1) does, by asking it (`ssh -G`). No command of the configuration is run: lines that
 * one decides about do not hold, and are told in `notFollowed`. Fails with SSH_CONFIG_UNSUPPORTED when the way there
 * needs a command or several hops, with SSH_CONFIG_BROKEN for a file that cannot be read, and LOCAL_WITHOUT_SSH.
 */
export async function resolveLogin(request: LoginRequest, person: Person): Promise<ResolvedLogin> {
  const { options, withoutPerson, usual, notFollowed } = await ask(request, person)
  const { host: alias } = request
  const first = (name: string) => options.get(name)?.[0]
  const host = (first('hostname') ?? alias).toLowerCase()
  const user = first('user') ?? person.userName
  const port = Number(first('port') ?? 22)
  const hostKeyAlias = orNone(first('hostkeyalias'))
  const expand = createExpand({ ...person, host, user, port, alias, hostKeyAlias, jump: first('proxyjump') })
  const agent = first('identityagent')
  return {
    alias,
    host,
    port,
    user,
    addressFamily: first('addressfamily') === 'inet' ? 4 : first('addressfamily') === 'inet6' ? 6 : 0,
    ...identities(request, options, usual, expand),
    certificateFiles: (options.get('certificatefile') ?? []).flatMap((file) => expand(file) ?? []),
    ...(agent === undefined || agent === 'SSH_AUTH_SOCK'
      ? {}
      : { identityAgent: agent === 'none' ? undefined : agentSocket(agent, expand) }),
    methods: methodsOf(first),
    knownHosts: {
      ...(hostKeyAlias === undefined ? {} : { alias: hostKeyAlias }),
      files: ['userknownhostsfile', 'globalknownhostsfile'].flatMap((name) =>
        (first(name) ?? '').split(' ').flatMap((file) => expand(orNone(file) ?? '') || []),
      ),
      isStrict: /^(yes|true)$/.test(first('stricthostkeychecking') ?? ''),
      checksAddress: first('checkhostip') === 'yes',
      hashesNames: first('hashknownhosts') === 'yes',
      hasCommand: orNone(first('knownhostscommand')) !== undefined,
      leastRsaBits: Number(first('requiredrsasize') ?? 0),
    },
    ...toJump(options, alias),
    ignoredOptions: [...options.keys()].filter(
      (name) => !usedOptions.has(name) && options.get(name)?.join() !== withoutPerson.get(name)?.join(),
    ),
    notFollowed,
  }
}

/** What ssh makes of both files, of the system's alone, and of none. */
async function ask(request: LoginRequest, person: Person) {
  const { homeDir, systemDir, userName, isWhereSshLooks } = person
  const sshDir = join(homeDir, '.ssh')
  const [own, system] = await Promise.all([
    readConfigTree(join(sshDir, 'config'), { homeDir, baseDir: sshDir }),
    readConfigTree(join(systemDir, 'ssh_config'), { homeDir, baseDir: systemDir }),
  ])
  const trees = [own, system]
  const problem = own.problem ?? system.problem
  if (problem !== undefined) return fail('SSH_CONFIG_BROKEN', { host: request.host, said: problem })
  const asked = { host: request.host, user: request.user, port: request.port }
  const isPlain = (tree: ConfigTree) => tree.otherIncludes.length === 0 && !decidesByCommand(tree)
  const after = isWhereSshLooks ? [] : knownHostsOf(sshDir, systemDir)
  const [options, withoutPerson, usual] = await Promise.all([
    isWhereSshLooks && trees.every(isPlain) ? askSsh(asked) : askSshOfCopy(asked, trees, after),
    askSshOfCopy(asked, [system], after),
    askSsh(asked, 'none'),
  ])
  const facts = {
    originalHost: request.host,
    hostName: () => options.get('hostname')?.[0] ?? request.host,
    user: () => options.get('user')?.[0] ?? userName,
    localUser: userName,
  }
  const notFollowed = trees.flatMap((tree) => [
    ...findExec(tree, facts).map((where) => `Match exec (${where})`),
    ...tree.otherIncludes.map((where) => `Include (${where})`),
  ])
  return { options, withoutPerson, usual, notFollowed }
}

function decidesByCommand({ files }: ConfigTree): boolean {
  // A word that begins so is one question too many rather than one too few.
  return [...files.values()].some(({ lines }) =>
    lines.some(
      ({ keyword, words }) => keyword === 'match' && words.some((word) => /^!?exec(=|$)/i.test(word)),
    ),
  )
}

/** Those of another home, which ssh does not know of. */
function knownHostsOf(sshDir: string, systemDir: string): readonly string[] {
  const list = (folder: string, names: readonly string[]) =>
    names.map((name) => `"${join(folder, name)}"`).join(' ')
  return [
    `UserKnownHostsFile ${list(sshDir, ['known_hosts', 'known_hosts2'])}`,
    `GlobalKnownHostsFile ${list(systemDir, ['ssh_known_hosts', 'ssh_known_hosts2'])}`,
  ]
}

function identities(request: LoginRequest, options: SshOptions, usual: SshOptions, expand: Expand) {
  const configured = options.get('identityfile') ?? []
  const areUsual = configured.join('\n') === (usual.get('identityfile') ?? []).join('\n')
  const named = request.identityFile !== undefined ? [request.identityFile] : areUsual ? [] : configured
  const files =
    named.length > 0
      ? named.filter((file) => file.toLowerCase() !== 'none')
      : usualFiles.map((file) => `~/.ssh/${file}`)
  return {
    identityFiles: [...new Set(files.flatMap((file) => expand(file) ?? []))],
    identitiesNamed: named.length > 0,
    identitiesOnly: request.identityFile !== undefined || options.get('identitiesonly')?.[0] === 'yes',
  }
}

/** A path, or `$VARIABLE` (ssh_config(5), IdentityAgent). */
function agentSocket(agent: string, expand: Expand): string | undefined {
  return /^\$\w+$/.test(agent) ? process.env[agent.slice(1)] : expand(agent)
}

function methodsOf(first: (name: string) => string | undefined): readonly LoginMethod[] {
  const allowedBy: readonly (readonly [LoginMethod, string])[] = [
    ['publickey', 'pubkeyauthentication'],
    ['password', 'passwordauthentication'],
    ['keyboard-interactive', 'kbdinteractiveauthentication'],
  ]
  // For public keys ssh prints `true`, or to what they are bound.
  const allowed = allowedBy.filter(([, option]) => !/^(no|false)$/.test(first(option) ?? ''))
  const methods = allowed.map(([method]) => method)
  const preferred = first('preferredauthentications')?.split(',')
  if (preferred === undefined) return methods
  return preferred.flatMap((name) => methods.find((method) => method === name) ?? [])
}

function toJump(options: SshOptions, host: string): { readonly jump?: LoginRequest } {
  const command = orNone(options.get('proxycommand')?.[0])
  if (command !== undefined) return fail('SSH_CONFIG_UNSUPPORTED', { host, option: 'ProxyCommand' })
  const value = orNone(options.get('proxyjump')?.[0])
  if (value === undefined) return {}
  const jump = parseJump(value)
  // The stanza for Nix pins one machine in between; a way that only we could go would prove nothing.
  return jump ? { jump } : fail('SSH_CONFIG_UNSUPPORTED', { host, option: `ProxyJump ${value}` })
}

function orNone(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value
}

/** `[user@]host[:port]` or `ssh://…`; undefined for several or for anything else. */
export function parseJump(value: string): LoginRequest | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@,\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[^:@,\s[\]/]+)(?::(\d{1,5}))?$/.exec(value)
  const host = match?.[2]?.replace(/^\[|\]$/g, '')
  if (!match || host === undefined) return undefined
  return {
    host,
    ...(match[1] === undefined ? {} : { user: match[1] }),
    ...(match[3] === undefined ? {} : { port: Number(match[3]) }),
  }
}
