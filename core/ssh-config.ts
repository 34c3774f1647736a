import type { BuilderSpec } from '../contract/builder'
import { dropLines } from './lines'
import { jumpAlias, sshAlias } from './ssh-alias'

export interface SshConfigPaths {
  readonly key: (id: string) => string
  readonly knownHosts: string
}

/**
 * One fixed stanza per builder (ssh_config(5)). HostKeyAlias makes the pin findable whatever the address;
 * ConnectTimeout is there because Nix passes none; the lines that turn something off hold against a later
 * `Host *` of somebody else's, because ssh keeps the first value it reads.
 */
export function renderSshConfig(builders: readonly BuilderSpec[], paths: SshConfigPaths): string {
  return builders
    .flatMap((builder) => {
      const { id, jump } = builder
      const rest = { id, paths }
      const target = stanza({
        ...builder,
        ...rest,
        alias: sshAlias(id),
        jump: jump && jumpAlias(id),
      })
      return jump ? [target, stanza({ ...jump, ...rest, alias: jumpAlias(id), jump: undefined })] : [target]
    })
    .join('\n')
}

interface Stanza {
  readonly id: string
  readonly alias: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** The alias of the machine to go through first. */
  readonly jump: string | undefined
  readonly paths: SshConfigPaths
}

function stanza({ id, alias, host, port, user, jump, paths }: Stanza): string {
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
  ControlPath none
  ${jump ? `ProxyJump ${jump}` : 'ProxyCommand none'}
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
