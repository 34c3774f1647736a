import type { PublicKey } from '../../contract/grammar'
import { appendLine, dropLines } from '../text/lines'

/** What a key may do on a builder; each key does one thing. */
export const keyRoles = ['build', 'monitor', 'collect'] as const
export type KeyRole = (typeof keyRoles)[number]

export interface OwnKey {
  /** Eight hex digits of the installation that owns the line. */
  readonly install: string
  readonly role: KeyRole
  readonly key: PublicKey
  /** Absolute path of the program on the builder that runs whatever is asked for. */
  readonly command: string
}

function comment({ install, role }: { readonly install: string; readonly role: KeyRole }): string {
  return `millwright:${install}:${role}`
}

/**
 * `restrict` forbids forwarding, ptys and start-up files, and whatever later versions add; the forced command
 * replaces what the client asks for (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Throws on a command that a line
 * cannot hold.
 */
export function renderOwnKey(own: OwnKey): string {
  if (!/^\/[\w./+-]+$/.test(own.command)) throw new RangeError(`Not a plain path: ${own.command}`)
  return `restrict,command="${own.command}" ${own.key.type} ${own.key.key} ${comment(own)}`
}

/** A line of authorized_keys, cut into its parts as sshd cuts it. */
export interface AuthorizedKey {
  /** 1-based */
  readonly line: number
  readonly options: string
  readonly type: string
  readonly key: string
  readonly comment: string
}

const keyType = '(?:ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+'
const keyLine = new RegExp(
  `^[ \\t]*(?:((?:[^" \\t]|"(?:[^"\\\\]|\\\\.)*")+)[ \\t]+)??(${keyType})[ \\t]+([A-Za-z0-9+/=]+)(?:[ \\t]+(.*?))?[ \\t\\r]*$`,
)

/** Comments, blank lines and lines that are no keys are left out. */
export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  return text.split('\n').flatMap((content, index) => {
    if (/^[ \t]*#/.test(content)) return []
    const match = keyLine.exec(content)
    if (!match) return []
    const [, options = '', type = '', key = '', note = ''] = match
    return [{ line: index + 1, options, type, key, comment: note }]
  })
}

/** The lines of one installation, known by their comment. */
export function findOwnKeys(text: string, install: string): (AuthorizedKey & { readonly role: KeyRole })[] {
  return parseAuthorizedKeys(text).flatMap((key) => {
    const role = keyRoles.find((one) => comment({ install, role: one }) === key.comment)
    return role ? [{ ...key, role }] : []
  })
}

/** Puts a line in, in place of an older one of the same installation and role. */
export function putOwnKey(text: string, own: OwnKey): string {
  return appendLine(removeOwnKeys(text, own.install, own.role), renderOwnKey(own))
}

/** Takes the lines of one installation out, all or those of one role; every other byte stays. */
export function removeOwnKeys(text: string, install: string, role?: KeyRole): string {
  return dropLines(text, (line) =>
    findOwnKeys(line, install).some((own) => role === undefined || own.role === role),
  )
}
