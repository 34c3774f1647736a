import { HostName, isValid } from '../../contract/grammar'

/** Where a person wants to log in, as typed. `host` may be an alias of their SSH configuration. */
export interface Address {
  readonly user?: string
  /** IPv6 without brackets. */
  readonly host: string
  readonly port?: number
}

/** Why a text is no address; each has its words in `address-words`. */
export type AddressProblem =
  | 'empty'
  | 'too-long'
  | 'leading-dash'
  | 'this-computer'
  | 'bad-character'
  | 'bad-user'
  | 'bad-host'
  | 'bad-port'
  | 'other-scheme'
  | 'has-password'
  | 'has-path'

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly problem: AddressProblem }

/** Longest user, `@`, longest host in brackets, port, `ssh-ng://`. */
const maxLength = 400

/** A name as useradd(8) takes it, and as SSSD and Winbind name those of a domain: `name@domain`, `DOMAIN\name`. */
const loginName = /^([A-Za-z0-9._-]+\\)?[A-Za-z0-9_][A-Za-z0-9._+-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?\$?$/

/**
 * Reads `host`, `user@host`, `user@host:port`, `ssh://user@host:port`, `[v6]:port` and a bare IPv6 address.
 * A login name may hold more than a builder's user may: it is never written into a file of root's.
 */
export function parseAddress(typed: string): ParsedAddress {
  const no = (problem: AddressProblem) => ({ ok: false, problem }) as const
  if (typed.length > maxLength) return no('too-long')
  const text = typed.replace(/^ +| +$/g, '')
  if (text === '') return no('empty')
  // A login name may end in `$`, as those of computers in a domain do, and follow a domain's name and a backslash.
  const plain = text.replace('$@', '@').replace(/^([a-z-]+:\/\/)?([A-Za-z0-9._-]+)\\(?=[^\\]*@)/, '$1$2')
  if (/[^\x21-\x7e]|[;#?%&|<>$`'"\\(){}*!,=~^]/.test(plain)) return no('bad-character')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)
  if (scheme && !/^(ssh|ssh-ng)$/i.test(scheme[1] ?? '')) return no('other-scheme')
  const rest = text.slice(scheme?.[0].length ?? 0).replace(scheme ? /\/$/ : /$^/, '')
  if (rest.includes('/')) return no('has-path')
  const at = rest.lastIndexOf('@')
  const user = at < 0 ? undefined : rest.slice(0, at)
  if (rest.startsWith('-') || rest.slice(at + 1).startsWith('-')) return no('leading-dash')
  if (user?.includes(':')) return no('has-password')
  if (user !== undefined && (user.length > 200 || !loginName.test(user))) return no('bad-user')

  const { host, portText } = splitPort(rest.slice(at + 1))
  if (host === undefined) return no('bad-host')
  const port = portText === undefined ? undefined : Number(portText)
  if (portText !== undefined && !/^[1-9]\d{0,4}$/.test(portText)) return no('bad-port')
  if (port !== undefined && port > 65535) return no('bad-port')
  if (isThisComputer(host, port)) return no('this-computer')
  if (!isValid(HostName, host) || isOddNumber(host)) return no('bad-host')
  return {
    ok: true,
    address: { ...(user === undefined ? {} : { user }), host, ...(port === undefined ? {} : { port }) },
  }
}

function splitPort(text: string): { readonly host?: string; readonly portText?: string } {
  const bracketed = /^\[([^[\]]+)\](?::(.*))?$/.exec(text)
  if (bracketed) return part(bracketed[1]?.includes(':') ? bracketed[1] : undefined, bracketed[2])
  const colons = text.split(':').length - 1
  if (colons !== 1) return part(text, undefined)
  const [host, port] = text.split(':')
  return part(host, port)
}

function part(host: string | undefined, portText: string | undefined) {
  return { ...(host === undefined ? {} : { host }), ...(portText === undefined ? {} : { portText }) }
}

/** A loopback address with a port of its own is a virtual machine or a container, and welcome. */
function isThisComputer(host: string, port: number | undefined): boolean {
  if (/^(.*\.)?localhost(\.localdomain)?\.?$|^ip6-(localhost|loopback)$/i.test(host)) return true
  if (/^0+(\.0+)*$|^[0:]+$/.test(host)) return true
  const isLoopback = /^(::ffff:)?127(\.\d{1,3}){1,3}$|^[0:]*:0*1$/i.test(host)
  return isLoopback && (port === undefined || port === 22)
}

/** `127.1` and `2130706433` are IPv4 to a resolver and names to the eye; nobody types them in good faith. */
function isOddNumber(host: string): boolean {
  return /^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?$/i.test(host) && !isPlainIpv4(host)
}

function isPlainIpv4(host: string): boolean {
  const parts = host.split('.')
  return parts.length === 4 && parts.every((one) => /^(0|[1-9]\d{0,2})$/.test(one) && Number(one) <= 255)
}

/** The way back: what `parseAddress` reads as the same address. */
export function formatAddress({ user, host, port }: Address): string {
  const name = host.includes(':') && port !== undefined ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`
}
