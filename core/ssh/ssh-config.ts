import type { BuilderSpec, Sharing } from '../../contract/builder'
import { dropLines } from '../text/lines'
import { shellWord } from '../text/shell-quote'
import { jumpAlias, newKeyAlias, newKeyJumpAlias, newKeyPath, sharedAlias, sshAlias } from './alias'
import { pinnedOptions } from './pinned-options'

export interface SshConfigPaths {
  readonly key: (id: string) => string
  readonly knownHosts: string
  /** A file of the system’s that holds the pinned keys, where that is a rebuild’s to write; absent: none is read. */
  readonly globalKnownHosts?: string
  /** The socket of a builder's held connection. */
  readonly master: (id: string) => string
  /** The program that is asked before each login whether the builder answers; undefined: none is. */
  readonly guard?: string | undefined
}

/**
 * One fixed stanza per name for what is its own, and one for what all have in common (ssh_config(5)), named one by
 * one: a host of root's own that is called alike is not ours. HostKeyAlias makes the pin findable whatever the address.
 * Options that the ssh here lacks, in lower case, are left out.
 */
export function renderSshConfig(
  builders: readonly (BuilderSpec & Shareable & Renewable)[],
  paths: SshConfigPaths,
  lacking: ReadonlySet<string> = new Set(),
): string {
  const ways = builders.flatMap((builder) => waysTo(builder, paths))
  if (ways.length === 0) return ''
  const { globalKnownHosts } = paths
  const others = pinnedOptions.map(([name, value]) =>
    name === 'GlobalKnownHostsFile' && globalKnownHosts !== undefined
      ? ([name, quotePath(globalKnownHosts)] as const)
      : ([name, value] as const),
  )
  const lines = [['UserKnownHostsFile', quotePath(paths.knownHosts)] as const, ...others]
    .filter(([name]) => !lacking.has(name.toLowerCase()))
    .map(([name, value]) => `  ${name} ${value}\n`)
  return [
    ...ways.map((way) => stanza(way, paths)),
    `Host ${ways.map(({ alias }) => alias).join(' ')}\n${lines.join('')}`,
  ].join('\n')
}

interface Shareable {
  readonly sharing?: Sharing | undefined
}

interface Renewable {
  /** Set while a new key is to be tried. */
  readonly nextBuildKey?: string | undefined
}

/** Whether a connection to the builder is kept open, for builds or for the check before. */
export function isSharedConnection({ sharing }: Shareable): boolean {
  return sharing === 'trying' || sharing === 'on'
}

interface Way {
  readonly id: string
  readonly alias: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly proxy: string
  readonly controlPath: string
  /** By which its host keys are pinned, where that is another name. */
  readonly pinnedAs?: string
  readonly hasNewKey?: boolean
  /** What is reached first where that is another machine. */
  readonly before?: { readonly host: string; readonly port: number } | undefined
}

/**
 * The builder itself, the machine before it, what leads through its held connection alone, and both machines by the new
 * key alone.
 */
function waysTo(builder: BuilderSpec & Shareable & Renewable, paths: SshConfigPaths): readonly Way[] {
  const { id, jump, sharing } = builder
  const rest = { id, proxy: 'ProxyCommand none', controlPath: 'none' }
  const controlPath = quotePath(paths.master(id))
  const target = {
    ...{ ...builder, ...rest, alias: sshAlias(id), before: jump },
    ...(jump ? { proxy: `ProxyJump ${jumpAlias(id)}` } : {}),
    ...(sharing === 'on' ? { controlPath } : {}),
  }
  const through = { ...builder, ...rest, alias: sharedAlias(id), controlPath, proxy: 'ProxyCommand false' }
  return [
    target,
    ...(jump ? [{ ...jump, ...rest, alias: jumpAlias(id) }] : []),
    ...(isSharedConnection(builder) ? [through] : []),
    ...(builder.nextBuildKey === undefined ? [] : newKeyWays(builder)),
  ]
}

function newKeyWays({ jump, ...builder }: BuilderSpec): readonly Way[] {
  const { id } = builder
  const rest = { id, proxy: 'ProxyCommand none', controlPath: 'none', hasNewKey: true }
  const proxy = jump ? { proxy: `ProxyJump ${newKeyJumpAlias(id)}` } : {}
  return [
    { ...builder, ...rest, ...proxy, alias: newKeyAlias(id), pinnedAs: sshAlias(id) },
    ...(jump ? [{ ...jump, ...rest, alias: newKeyJumpAlias(id), pinnedAs: jumpAlias(id) }] : []),
  ]
}

function stanza(way: Way, { key, guard }: SshConfigPaths): string {
  const { id, alias, host, port, user, proxy, controlPath, pinnedAs = alias, hasNewKey } = way
  const identity = hasNewKey ? newKeyPath(key(id)) : key(id)
  const guarded = guard !== undefined && alias === sshAlias(id) ? guardOf(way, guard) : ''
  return `${guarded}Host ${alias}
  HostName ${host}
  Port ${port}
  User ${user}
  IdentityFile ${quotePath(identity)}
  HostKeyAlias ${pinnedAs}
  ControlPath ${controlPath}
  ${proxy}
`
}

/**
 * A builder that did not answer just now is not tried again: each login would wait for it anew. The program succeeds
 * for one that is to be left alone, so that without it, or with any mistake of it, ssh logs in as ever.
 */
function guardOf({ id, alias, host, port, before }: Way, guard: string): string {
  if (!/^\/[\w./+@ -]*$/.test(guard)) return ''
  const program = shellWord(guard)
  const first = before ?? { host, port }
  const silent = before ? ` ${before.host}` : ''
  const beyond = before ? ` ${jumpAlias(id)} ${host} ${port}` : ''
  return `Match originalhost ${alias} exec "${program} ask ${id} ${first.host} ${first.port}${beyond}"
  ProxyCommand ${program} say ${id}${silent}

`
}

/** A path as one ssh_config argument. Throws on what ssh_config(5) has no way to write. */
function quotePath(path: string): string {
  if (/["\\\p{Cc}]|\$\{/u.test(path)) throw new RangeError(`ssh_config cannot hold the path ${path}`)
  const literal = path.replaceAll('%', '%%')
  return /^[\w./%+@-]+$/.test(literal) ? literal : `"${literal}"`
}

function includeLine(path: string): string {
  return `Include ${quotePath(path)}`
}

/** Puts our `Include` first, where no `Host` or `Match` above can hold it back; a text that has it is kept. */
export function addFirstInclude(text: string, path: string): string {
  return text.split('\n').includes(includeLine(path)) ? text : `${includeLine(path)}\n${text}`
}

/** Takes the line back; every other byte stays. */
export function removeFirstInclude(text: string, path: string): string {
  return dropLines(text, (line) => line === includeLine(path))
}
