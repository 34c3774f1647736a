import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReachableMachine } from '../../../../contract/snapshot'
import { formatAddress, parseAddress } from '../../../../core/ssh/address'
import { parseKnownHosts } from '../../../../core/ssh/known-hosts'
import { FailureError } from '../../../failures'
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
export function findReachable(given: ReachableOptions): readonly ReachableMachine[] {
  // Each name is resolved by all of the files: parsed for each anew, hundreds of stanzas took seconds.
  const options = { ...given, parsed: new Map() }
  const seen = new Set(options.ownNames)
  const isNew = (...names: string[]) => {
    const lower = names.map((name) => name.toLowerCase())
    if (lower.some((name) => seen.has(name) || forges.test(name))) return false
    for (const name of lower) seen.add(name)
    return true
  }
  return [...fromConfig(options, isNew), ...fromKnownHosts(options, isNew)].slice(0, maximumMachines)
}

type IsNew = (...names: string[]) => boolean

function fromConfig(person: Person, isNew: IsNew): ReachableMachine[] {
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
      return [{ address: alias, label: alias, source: 'ssh-config', detail } satisfies ReachableMachine]
    } catch (error) {
      if (error instanceof FailureError) return []
      throw error
    }
  })
}

function fromKnownHosts({ homeDir }: Person, isNew: IsNew): ReachableMachine[] {
  return parseKnownHosts(readText(join(homeDir, '.ssh', 'known_hosts'))).flatMap(({ names, marker }) => {
    const [name = '', ...others] = names
    const [, bracketed, portText] = /^\[(.+)\]:(\d+)$/.exec(name) ?? []
    const host = bracketed ?? name
    const port = portText === undefined ? 22 : Number(portText)
    const address = formatAddress({ host, ...(port === 22 ? {} : { port }) })
    if (marker !== undefined || !parseAddress(address).ok || !isNew(nameOf(host, port))) return []
    const detail =
      others.length > 0 && parseAddress(others[0] ?? '').ok ? `known host, ${others[0]}` : 'known host'
    return [{ address, label: host, source: 'known-hosts', detail } satisfies ReachableMachine]
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
