import { join } from 'node:path'
import { fail } from '../../../failures'
import type { LoginRequest } from '../../../ports/ssh'
import { type ConfigOption, type ConfigPlace, readConfigFile } from './config-files'

/** Whose SSH configuration is read, and where it lies. */
export interface Person {
  readonly homeDir: string
  readonly userName: string
  /** `/etc/ssh` unless a test says otherwise. */
  readonly systemDir: string
  readonly parsed?: ConfigPlace['parsed']
}

/** Where and as whom to log in, once the person's ssh_config(5) has had its say. */
export interface ResolvedLogin {
  /** As asked for. */
  readonly alias: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** Files named by the configuration or by the request; the usual ones when neither names any. */
  readonly identityFiles: readonly string[]
  /** Whether a person named the files. */
  readonly identitiesNamed: boolean
  readonly identitiesOnly: boolean
  /** Socket of ssh-agent(1); undefined to use none; absent to use `SSH_AUTH_SOCK`. */
  readonly identityAgent?: string | undefined
  readonly jump?: LoginRequest
  /** Options of the person's own file that were left out, as written by ssh_config(5) in lower case. */
  readonly ignoredOptions: readonly string[]
}

const usedOptions = new Set(['hostname', 'user', 'port', 'identityfile', 'identitiesonly', 'identityagent'])
const usualFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Resolves a host or alias as ssh(1) does: the first value found wins, the person's file before the system's.
 * Nothing is executed; fails with SSH_CONFIG_UNSUPPORTED when the way there needs a command or several hops.
 */
export function resolveLogin(request: LoginRequest, person: Person): ResolvedLogin {
  const { homeDir, userName, systemDir, parsed } = person
  const first = new Map<string, string>()
  const identityFiles: string[] = []
  const ignored = new Set<string>()
  if (request.user !== undefined) first.set('user', request.user)
  if (request.port !== undefined) first.set('port', String(request.port))

  const facts = {
    originalHost: request.host,
    hostName: () => expandHost(first.get('hostname'), request.host),
    user: () => first.get('user') ?? userName,
    localUser: userName,
  }
  const take = ({ name, values }: ConfigOption) => {
    const value = values.join(' ').trim()
    // Whichever of the two comes first decides the way there.
    const key = name === 'proxycommand' || name === 'proxyjump' ? 'proxy' : name
    if (name === 'identityfile') identityFiles.push(...values)
    else if (!first.has(key)) first.set(key, key === 'proxy' ? `${name} ${value}` : value)
  }
  const userFile = join(homeDir, '.ssh', 'config')
  for (const option of readConfigFile(userFile, { homeDir, baseDir: join(homeDir, '.ssh'), parsed }, facts)) {
    if (!usedOptions.has(option.name) && !option.name.startsWith('proxy')) ignored.add(option.name)
    take(option)
  }
  const systemPlace = { homeDir, baseDir: systemDir, parsed }
  for (const option of readConfigFile(join(systemDir, 'ssh_config'), systemPlace, facts)) take(option)

  const host = facts.hostName()
  const user = facts.user()
  const port = Number(first.get('port') ?? 22)
  const expand = (text: string) =>
    expandTokens(text, { homeDir, localUser: userName, host, user, port, alias: request.host })
  const named = request.identityFile !== undefined ? [request.identityFile] : identityFiles
  const files =
    named.length > 0
      ? named.filter((file) => file.toLowerCase() !== 'none')
      : usualFiles.map((file) => `~/.ssh/${file}`)
  const agent = first.get('identityagent')
  return {
    alias: request.host,
    host,
    port,
    user,
    identityFiles: [...new Set(files.flatMap((file) => expand(file) ?? []))],
    identitiesNamed: named.length > 0,
    identitiesOnly:
      request.identityFile !== undefined || /^(yes|true)$/i.test(first.get('identitiesonly') ?? ''),
    ...(agent === undefined || agent === 'SSH_AUTH_SOCK'
      ? {}
      : { identityAgent: agent === 'none' ? undefined : expand(agent) }),
    ...toJump(first.get('proxy'), request.host),
    ignoredOptions: [...ignored],
  }
}

function expandHost(hostName: string | undefined, asked: string): string {
  return (hostName ?? asked).replace(/%([h%])/g, (_, token) => (token === 'h' ? asked : '%')).toLowerCase()
}

function toJump(proxy: string | undefined, host: string): { readonly jump?: LoginRequest } {
  const [kind, ...words] = (proxy ?? '').split(' ')
  const value = words.join(' ')
  if (kind === '' || value === '' || value.toLowerCase() === 'none') return {}
  if (kind === 'proxycommand') return fail('SSH_CONFIG_UNSUPPORTED', { host, option: 'ProxyCommand' })
  const jump = parseJump(value)
  // The stanza for Nix pins one machine in between; a way that only we could go would prove nothing.
  return jump ? { jump } : fail('SSH_CONFIG_UNSUPPORTED', { host, option: `ProxyJump ${value}` })
}

/** `[user@]host[:port]` or `ssh://…`; undefined for several or for anything else. */
function parseJump(value: string): LoginRequest | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@,\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[^:@,\s[\]/]+)(?::(\d{1,5}))?$/.exec(value)
  const host = match?.[2]?.replace(/^\[|\]$/g, '')
  if (!match || host === undefined) return undefined
  return {
    host,
    ...(match[1] === undefined ? {} : { user: match[1] }),
    ...(match[3] === undefined ? {} : { port: Number(match[3]) }),
  }
}

interface Tokens {
  readonly homeDir: string
  readonly localUser: string
  readonly host: string
  readonly user: string
  readonly port: number
  readonly alias: string
}

/** A file name with `~`, ssh_config(5) TOKENS and `${VARIABLE}`; undefined when one of them is not known. */
function expandTokens(text: string, tokens: Tokens): string | undefined {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.homeDir,
    h: tokens.host,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: tokens.localUser,
  }
  let isKnown = true
  const pick = (value: string | undefined) => {
    isKnown &&= value !== undefined
    return value ?? ''
  }
  const expanded = text
    .replace(/^~(?=\/)/, tokens.homeDir)
    .replace(/%(.)|\$\{(\w+)\}/g, (_, token, name) => pick(token ? values[token] : process.env[name]))
  return isKnown ? expanded : undefined
}
