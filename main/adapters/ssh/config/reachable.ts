import { join } from 'node:path'
import { formatAddress, parseAddress } from '../../../../core/ssh/address'
import { type KnownHost, parseKnownHosts } from '../../../../core/ssh/known-hosts'
import type { FoundMachine } from '../../../ports/local'
import { readPlainText } from '../../data/read-file'
import { type ConfigTree, readConfigTree } from './config-tree'
import { readHosts, readOptions } from './read-options'
import { type Person, parseJump } from './resolve-login'

export interface ReachableOptions extends Person {
  /** Lower case: this computer cannot be its own builder. */
  readonly ownNames: readonly string[]
}

const maximumMachines = 200
/** They let everybody in and run nothing. */
const forges = /^(ssh\.)?(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$|^git\.sr\.ht$/

/**
 * Machines that the person's own SSH files name in the clear. What cannot be an address is left out. Read without ssh,
 * which would be a process for each: what stands beside a name is a hint, and where to log in is asked when it is chosen.
 */
export async function findReachable(person: ReachableOptions): Promise<readonly FoundMachine[]> {
  const { homeDir, systemDir, ownNames } = person
  const seen = new Set(ownNames)
  const isNew = (...names: string[]) => {
    const lower = names.map((name) => name.toLowerCase())
    if (lower.some((name) => seen.has(name) || forges.test(name))) return false
    for (const name of lower) seen.add(name)
    return true
  }
  const sshDir = join(homeDir, '.ssh')
  const [own, system, knownHosts] = await Promise.all([
    readConfigTree(join(sshDir, 'config'), { homeDir, baseDir: sshDir }),
    readConfigTree(join(systemDir, 'ssh_config'), { homeDir, baseDir: systemDir }),
    // Suggestions only: a file that is not there, or is none, suggests nothing.
    readPlainText(join(sshDir, 'known_hosts')).catch(() => ''),
  ])
  const known = parseKnownHosts(knownHosts)
  const keys = keysByName(known)
  const found = [...fromConfig(person, [own, system], isNew, keys), ...fromKnownHosts(known, isNew, keys)]
  return found.slice(0, maximumMachines)
}

type Keys = ReadonlyMap<string, readonly string[]>

/** As far as names stand there in the clear: to hash each name by each salt would take seconds. */
function keysByName(known: readonly KnownHost[]): Keys {
  const keys = new Map<string, string[]>()
  for (const { names, key } of known.filter(({ marker }) => marker === undefined))
    for (const name of names) keys.set(name.toLowerCase(), [...(keys.get(name.toLowerCase()) ?? []), key])
  return keys
}

type IsNew = (...names: string[]) => boolean

function fromConfig(person: Person, trees: readonly ConfigTree[], isNew: IsNew, keys: Keys): FoundMachine[] {
  const names = trees[0] ? readHosts(trees[0]) : []
  return [...new Set(names)].slice(0, maximumMachines).flatMap((alias) => {
    const found = parseAddress(alias).ok ? lookUp(alias, person, trees) : undefined
    if (!found) return []
    const { host, port, user } = found
    // The same machine under another port, such as a virtual one on this computer, is another machine.
    const parsed = parseAddress(formatAddress({ host, port }))
    if (!parsed.ok || !isNew(alias, ...(host === alias.toLowerCase() ? [] : [nameOf(host, port)]))) return []
    const detail = formatAddress({ user, host, ...(port === 22 ? {} : { port }) })
    const known = { host, port, hostKeys: keys.get(port === 22 ? host : `[${host}]:${port}`) ?? [] }
    return [{ address: alias, label: alias, source: 'ssh-config', detail, ...known } satisfies FoundMachine]
  })
}

/** Where an alias seems to lead; undefined where a command or several machines stand in between. */
function lookUp(alias: string, { userName }: Person, trees: readonly ConfigTree[]) {
  const first = new Map<string, string>()
  const facts = {
    originalHost: alias,
    hostName: () => expandHost(first.get('hostname'), alias),
    user: () => first.get('user') ?? userName,
    localUser: userName,
  }
  for (const tree of trees) {
    for (const { name, words } of readOptions(tree, facts)) {
      // Whichever of the two comes first decides the way there.
      const key = name === 'proxycommand' || name === 'proxyjump' ? 'proxy' : name
      const value = words.join(' ')
      if (!first.has(key)) first.set(key, key === 'proxy' ? `${name} ${value}` : value)
    }
  }
  const [kind, ...words] = (first.get('proxy') ?? '').split(' ')
  const proxy = words.join(' ')
  const isDirect = proxy === '' || proxy.toLowerCase() === 'none'
  if (!isDirect && (kind === 'proxycommand' || !parseJump(proxy))) return undefined
  return { host: facts.hostName(), user: facts.user(), port: Number(first.get('port') ?? 22) }
}

function expandHost(hostName: string | undefined, asked: string): string {
  return (hostName ?? asked).replace(/%([h%])/g, (_, token) => (token === 'h' ? asked : '%')).toLowerCase()
}

function fromKnownHosts(known: readonly KnownHost[], isNew: IsNew, keys: Keys): FoundMachine[] {
  return known.flatMap(({ names, marker }) => {
    const [name = '', ...others] = names
    const [, bracketed, portText] = /^\[(.+)\]:(\d+)$/.exec(name) ?? []
    const host = bracketed ?? name
    const port = portText === undefined ? 22 : Number(portText)
    const address = formatAddress({ host, ...(port === 22 ? {} : { port }) })
    if (marker !== undefined || !parseAddress(address).ok || !isNew(nameOf(host, port))) return []
    const detail =
      others.length > 0 && parseAddress(others[0] ?? '').ok ? `known host, ${others[0]}` : 'known host'
    const hostKeys = keys.get(name.toLowerCase()) ?? []
    return [
      { address, label: host, source: 'known-hosts', detail, host, port, hostKeys } satisfies FoundMachine,
    ]
  })
}

function nameOf(host: string, port: number): string {
  return port === 22 ? host : `${host}:${port}`
}
