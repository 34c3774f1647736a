import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress, parseAddress } from '../../../../core/ssh/address'
import { type KnownHost, parseKnownHosts } from '../../../../core/ssh/known-hosts'
import { FailureError } from '../../../failures'
import type { FoundMachine } from '../../../ports/local'
import { readConfigHosts } from './config-files'
import { type Person, resolveLogin } from './resolve-login'

export interface ReachableOptions extends Person {
  /** Lower case: this computer cannot be its own builder. */
  readonly ownNames: readonly string[]
}

const maximumMachines = 200
/** They let everybody in and run nothing. */
const forges = /^(ssh\.)?(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$|^git\.sr\.ht$/

/** Machines that the person's own SSH files name in the clear. What cannot be an address is left out. */
export function findReachable(given: ReachableOptions): readonly FoundMachine[] {
  // Each name is resolved by all of the files: parsed for each anew, hundreds of stanzas took seconds.
  const options = { ...given, parsed: new Map() }
  const seen = new Set(options.ownNames)
  const isNew = (...names: string[]) => {
    const lower = names.map((name) => name.toLowerCase())
    if (lower.some((name) => seen.has(name) || forges.test(name))) return false
    for (const name of lower) seen.add(name)
    return true
  }
  const known = parseKnownHosts(readText(join(options.homeDir, '.ssh', 'known_hosts')))
  const keys = keysByName(known)
  return [...fromConfig(options, isNew, keys), ...fromKnownHosts(known, isNew, keys)].slice(
    0,
    maximumMachines,
  )
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

function fromConfig(person: Person, isNew: IsNew, keys: Keys): FoundMachine[] {
  const sshDir = join(person.homeDir, '.ssh')
  const names = readConfigHosts(join(sshDir, 'config'), { ...person, baseDir: sshDir })
  return [...new Set(names)].slice(0, maximumMachines).flatMap((alias) => {
    if (!parseAddress(alias).ok) return []
    try {
      const { host, port, user } = resolveLogin({ host: alias }, person)
      // The same machine under another port, such as a virtual one on this computer, is another machine.
      const parsed = parseAddress(formatAddress({ host, port }))
      if (!parsed.ok || !isNew(alias, ...(host === alias.toLowerCase() ? [] : [nameOf(host, port)])))
        return []
      const detail = formatAddress({ user, host, ...(port === 22 ? {} : { port }) })
      const known = { host, port, hostKeys: keys.get(port === 22 ? host : `[${host}]:${port}`) ?? [] }
      return [{ address: alias, label: alias, source: 'ssh-config', detail, ...known } satisfies FoundMachine]
    } catch (error) {
      if (error instanceof FailureError) return []
      throw error
    }
  })
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Suggestions only: a file that is not there suggests nothing.
    return ''
  }
}
