import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import type { RegisteredBuilder } from '../../contract/builder'
import type { DaemonView, InTheWay } from '../../contract/daemon'
import { isValid, type Protocol, PublicKey } from '../../contract/grammar'
import type { BuilderLine } from '../../core/nix/builder-lines'
import type { Machine } from '../../core/nix/machines'
import { type Destination, hostOf, isSameMachine, pinnedKey, portOf } from '../../core/nix/same-machine'
import { sshAlias } from '../../core/ssh/alias'
import { parsePublicKeyLine } from '../../core/ssh/public-key'
import { removeFirstInclude } from '../../core/ssh/ssh-config'
import { readIfAllowed } from '../system/caller'
import { run } from '../system/process'
import { currentLink, type System, sshConfigPath } from '../system/system'

/** Lists of others are short; one that is not is looked at in part. */
const mostLines = 32
const lookupMs = 1_000

/** An alias of ours that ssh, as root, does not resolve is one that our Include is not read for. */
export async function findSshInTheWay(
  system: System,
  builders: readonly RegisteredBuilder[],
): Promise<InTheWay | undefined> {
  const [first] = builders
  if (!first) return undefined
  const alias = sshAlias(first.id)
  const { status, stdout, ...ran } = await run(system, ['ssh', '-G', alias], { timeoutMs: 10_000 })
  const file = sshConfigPath(system)
  // What ssh says of a file of root's is for root; that it stopped is for everybody.
  if (status !== 0) return ran.missing ? undefined : { cause: 'ssh-line-lost', file }
  if (!stdout.split('\n').includes(`hostname ${alias}`)) return undefined
  const text = readIfAllowed(file) ?? ''
  const line =
    removeFirstInclude(text, `${currentLink(system)}/ssh_config`) === text ? undefined : lineOf(text, system)
  return { cause: 'ssh-line-lost', file, ...(line === undefined ? {} : { line }) }
}

/** Of our line where it stands, but too late to count. */
function lineOf(text: string, system: System): number {
  return text.split('\n').findIndex((line) => line.includes(`${currentLink(system)}/ssh_config`)) + 1
}

/** The lines of others that lead to a machine of ours, so that pausing it does not keep builds away. */
export async function findAlsoOffered(
  system: System,
  builders: readonly RegisteredBuilder[],
  lines: readonly BuilderLine[],
): Promise<DaemonView['alsoOffered']> {
  if (builders.length === 0) return []
  const found = await Promise.all(
    lines.slice(0, mostLines).map(async ({ machine, place }) => {
      const host = hostOf(machine.uri)
      if (host === undefined) return []
      const pinned = pinnedKey(machine)
      const there = await destinationOf(system, host, portOf(machine.uri), pinned ? [pinned] : [])
      return await Promise.all(
        builders.map(async (builder) => {
          // Behind a jump host, names mean what they mean there.
          const names = builder.jump ? [] : await namesOf(builder.host)
          return isSameMachine(there, builder, names) ? [{ id: builder.id, ...place }] : []
        }),
      )
    }),
  )
  return found.flat(2).map(({ id, file, line }) => ({ id, file, line }))
}

/** Where ssh, as this user, would go for a host, and by which keys it would know it. */
async function destinationOf(
  system: System,
  host: string,
  uriPort: number | undefined,
  pinned: readonly PublicKey[],
): Promise<Destination> {
  const shown = host.startsWith('-')
    ? ''
    : (await run(system, ['ssh', '-G', host], { timeoutMs: 10_000 })).stdout
  const value = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(shown)?.[1]
  const hostName = value('hostname') ?? host
  const hasProxy = /^proxy(jump|command) (?!none$)/m.test(shown)
  const names = hasProxy ? [] : await namesOf(hostName)
  const port = uriPort ?? (value('port') === undefined ? undefined : Number(value('port')))
  const known = port === undefined ? {} : { port }
  if (pinned.length > 0) return { names, hostKeys: pinned, ...known }
  const alias = value('hostkeyalias') ?? hostName
  const name = port === undefined || port === 22 ? alias : `[${alias}]:${port}`
  const files = `${value('userknownhostsfile') ?? ''} ${value('globalknownhostsfile') ?? ''}`.split(' ')
  const keys = await Promise.all(
    files
      .filter((file) => file.startsWith('/') && existsSync(file))
      .map((file) => keysIn(system, file, name)),
  )
  return { names, hostKeys: keys.flat(), ...known }
}

/** How root's ssh logs in for a machine's line, or why our own stanza could not do the same, as a clause. */
export interface LineLogin {
  readonly protocol: Protocol
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKeys: readonly PublicKey[]
  readonly keyFile: string
}

export async function readLogin(system: System, machine: Machine): Promise<LineLogin | string> {
  const [, protocol, login = ''] = /^(ssh|ssh-ng):\/\/([^/?-][^/?]*)$/.exec(machine.uri) ?? []
  if (protocol === undefined)
    return `its store is ${machine.uri}, and only an address by SSH without parameters can be moved`
  const host = hostOf(machine.uri) ?? ''
  const port = portOf(machine.uri)
  const user = /^(.*)@/.exec(login)?.[1]
  const asked = [...(port ? ['-p', String(port)] : []), ...(user ? ['-l', user] : []), '--', host]
  const { status, stdout } = await run(system, ['ssh', '-G', ...asked], { timeoutMs: 10_000 })
  if (status !== 0) return 'ssh does not take its own configuration'
  const values = (name: string) =>
    [...stdout.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].flatMap(([, value]) => value ?? [])
  const proxy = [...values('proxyjump'), ...values('proxycommand')].find((value) => value !== 'none')
  if (proxy !== undefined) return `root’s ssh goes to it by ${proxy}`
  const pinned = pinnedKey(machine)
  const { hostKeys } = await destinationOf(system, host, port, pinned ? [pinned] : [])
  const known = hostKeys.filter((key) => isValid(PublicKey, key))
  if (known.length === 0)
    return 'root knows no host key of it: neither its line nor a known_hosts file has one'
  const files =
    machine.sshKey === undefined ? values('identityfile').map(expandHome(system)) : [machine.sshKey]
  const [keyFile, ...more] = files.filter((file) => existsSync(file))
  if (keyFile === undefined) return `there is no key file for it (${files.join(', ')})`
  if (more.length > 0) return `it is not known which key lets it in: ${[keyFile, ...more].join(', ')}`
  return {
    ...{ protocol: protocol === 'ssh' ? 'ssh' : 'ssh-ng', hostKeys: known, keyFile },
    ...{
      host: values('hostname')[0] ?? host,
      port: Number(values('port')[0] ?? 22),
      user: values('user')[0] ?? 'root',
    },
  }
}

function expandHome({ home }: System) {
  return (path: string) => path.replace(/^~(?=\/)/, home)
}

async function keysIn(system: System, file: string, name: string): Promise<PublicKey[]> {
  const { stdout } = await run(system, ['ssh-keygen', '-F', name, '-f', file], { timeoutMs: 10_000 })
  return stdout.split('\n').flatMap((line) => {
    const key = line.startsWith('#') ? undefined : parsePublicKeyLine(line.replace(/^\S+\s+/, ''))
    return key ? [{ type: key.type, key: key.key }] : []
  })
}

/** A host by its name and by every address of it; one that does not resolve in time has its name alone. */
async function namesOf(host: string): Promise<readonly string[]> {
  const late = new Promise<[]>((resolve) => setTimeout(resolve, lookupMs, []).unref())
  const addresses = await Promise.race([lookup(host, { all: true }), late]).catch(() => []) // nobody of that name
  return [host, ...addresses.map(({ address }) => address)]
}
