import ssh2, { type ParsedKey } from 'ssh2'
import { readPlainText } from '../../data/read-file'

/** A private key on disk, as far as it can be read without its passphrase. */
export interface KeyFile {
  readonly path: string
  /** For people: with `~` for their home. */
  readonly label: string
  readonly publicKey?: ParsedKey
  readonly privateKey?: ParsedKey
  /** Undoes the encryption; undefined for a wrong passphrase. Absent when there is nothing to undo. */
  readonly decrypt?: (passphrase: string) => ParsedKey | undefined
}

const limits = { maximumBytes: 64 * 1024 }

/** Reads a key file, or only its public half beside it; undefined when there is neither. */
export async function readKeyFile(path: string, homeDir: string): Promise<KeyFile | undefined> {
  const label = fileLabel(path, homeDir)
  const [text, beside] = await Promise.all([readSmallFile(path), readSmallFile(`${path}.pub`)])
  const found = { path, label }
  const publicKey = (text && embeddedPublicKey(text)) || (beside && parseKey(beside)) || undefined
  const known = publicKey ? { ...found, publicKey } : found
  if (text === undefined) return publicKey ? known : undefined
  const key = parseKey(text)
  if (key?.isPrivateKey()) return { ...found, publicKey: key, privateKey: key }
  if (key) return { ...found, publicKey: key }
  if (!isEncrypted(text)) return undefined
  return { ...known, decrypt: (passphrase) => parseKey(text, passphrase) }
}

/** A path with `~` for the person's home. */
export function fileLabel(path: string, homeDir: string): string {
  return path.startsWith(`${homeDir}/`) ? `~${path.slice(homeDir.length)}` : path
}

/** A file of keys as text; undefined where there is none that can be read. */
export async function readSmallFile(path: string): Promise<string | undefined> {
  // A key that cannot be read cannot be offered; one that was asked for by name is a failure for the caller.
  return await readPlainText(path, limits).catch(() => undefined)
}

function parseKey(text: string | Buffer, passphrase?: string): ParsedKey | undefined {
  const parsed: unknown = ssh2.utils.parseKey(text, passphrase)
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  return key instanceof Error || !isKey(key) ? undefined : key
}

function isKey(value: unknown): value is ParsedKey {
  return typeof value === 'object' && value !== null && 'getPublicSSH' in value
}

function isEncrypted(text: string): boolean {
  const parsed: unknown = ssh2.utils.parseKey(text)
  return parsed instanceof Error && /encrypted/i.test(parsed.message)
}

/** OpenSSH's own format shows the public half in the clear (PROTOCOL.key); older ones have a `.pub` beside. */
function embeddedPublicKey(text: string): ParsedKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) return undefined
  try {
    let at = magic.length
    // Cipher, key derivation, its options: a length and as many bytes each; then the number of keys.
    for (let field = 0; field < 3; field++) at += 4 + bytes.readUInt32BE(at)
    at += 4
    return parseKey(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
  } catch {
    // Cut short: no key.
    return undefined
  }
}
