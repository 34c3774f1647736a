import type { BuilderSpec, Sharing } from '../../contract/builder'
import { dropLines } from '../text/lines'
import { jumpAlias, sharedAlias, sshAlias } from './alias'

export interface SshConfigPaths {
  readonly key: (id: string) => string
  readonly knownHosts: string
  /** The socket of a builder's held connection. */
  readonly master: (id: string) => string
}

/**
 * One fixed stanza per builder (ssh_config(5)). HostKeyAlias makes the pin findable whatever the address;
 * ConnectTimeout is there because Nix passes none; the lines that turn something off hold against a later
 * `Host *` of somebody else's, because ssh keeps the first value it reads. ssh itself never becomes a master:
 * one that Nix started would hold Nix's pipes open. Where a held connection is gone, ssh logs in for itself.
 */
export function renderSshConfig(
  builders: readonly (BuilderSpec & Shareable)[],
  paths: SshConfigPaths,
): string {
  return builders
    .flatMap((builder) => {
      const { id, jump, sharing } = builder
      const rest = { id, paths, proxy: 'ProxyCommand none', controlPath: 'none' }
      const controlPath = quotePath(paths.master(id))
      const target = stanza({
        ...builder,
        ...rest,
        alias: sshAlias(id),
        ...(jump ? { proxy: `ProxyJump ${jumpAlias(id)}` } : {}),
        ...(sharing === 'on' ? { controlPath } : {}),
      })
      const through = { ...builder, ...rest, alias: sharedAlias(id), controlPath }
      return [
        target,
        ...(jump ? [stanza({ ...jump, ...rest, alias: jumpAlias(id) })] : []),
        ...(isSharedConnection(builder) ? [stanza({ ...through, proxy: 'ProxyCommand false' })] : []),
      ]
    })
    .join('\n')
}

interface Shareable {
  readonly sharing?: Sharing | undefined
}

/** Whether a connection to the builder is kept open, for builds or for the check before. */
export function isSharedConnection({ sharing }: Shareable): boolean {
  return sharing === 'trying' || sharing === 'on'
}

interface Stanza {
  readonly id: string
  readonly alias: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly proxy: string
  readonly controlPath: string
  readonly paths: SshConfigPaths
}

function stanza({ id, alias, host, port, user, proxy, controlPath, paths }: Stanza): string {
  return `Host ${alias}
  HostName ${host}
  Port ${port}
  User ${user}
  IdentityFile ${quotePath(paths.key(id))}
  IdentitiesOnly yes
  HostKeyAlias ${alias}
  UserKnownHostsFile ${quotePath(paths.knownHosts)}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  VerifyHostKeyDNS no
  UpdateHostKeys no
  BatchMode yes
  ConnectTimeout 5
  ServerAliveInterval 15
  ServerAliveCountMax 3
  ForwardAgent no
  ControlMaster no
  ControlPath ${controlPath}
  ${proxy}
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
