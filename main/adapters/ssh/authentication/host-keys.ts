import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { HostKeyType, PublicKey } from '../../../../contract/grammar'
import { type KnownHost, matchHost, parseKnownHosts } from '../../../../core/ssh/known-hosts'
import { checkPublicKey, fingerprint, isWholeKey } from '../../../../core/ssh/public-key'
import { readText as readOwn } from '../../data/document-file'
import { guard } from '../../data/document-folder'
import { withFileLock } from '../../data/file-lock'
import { writeFileWhole } from '../../data/write-file'

/** A host key as it came over the wire (RFC 4253 §6.6). */
export interface OfferedKey {
  readonly type: string
  /** Base64 of the blob. */
  readonly key: string
  readonly fingerprint: string
}

/** What the known_hosts files say of a key that a host has just shown. */
export type Verdict =
  | { readonly is: 'known' }
  | { readonly is: 'unknown' }
  | { readonly is: 'revoked' }
  | { readonly is: 'changed'; readonly knownFingerprint: string }

const hmacSha1 = (salt: Uint8Array, name: string) => createHmac('sha1', salt).update(name).digest()

/** Reads the type out of the blob itself: its first string. */
export function toOfferedKey(blob: Buffer): OfferedKey {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return { type, key: blob.toString('base64'), fingerprint: sha256Fingerprint(blob) }
}

function sha256Fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The key as it can be pinned in root's files; undefined for a kind or size that Millwright does not pin. */
export function toPinnable({ type, key }: { type: string; key: string }): PublicKey | undefined {
  const candidate = { type, key }
  return v.is(PublicKey, candidate) && checkPublicKey(candidate) === undefined ? candidate : undefined
}

/** `SHA256:…` of a key that passed the grammar. */
export function fingerprintOf(key: PublicKey): string {
  return fingerprint(key, (bytes) => createHash('sha256').update(bytes).digest())
}

/** The known_hosts files of the person, of the system, and Millwright's own, which alone is ever written. */
export interface HostKeyStore {
  verifyHostKey(host: string, port: number, offered: OfferedKey): Verdict
  /** Signature algorithms of keys that are known for the host: to be asked for first, as ssh(1) does. */
  knownTypes(host: string, port: number): readonly string[]
  /** An older key of the same type, if that file holds one, gives way. */
  remember(host: string, port: number, offered: OfferedKey): Promise<void>
}

export function createHostKeyStore(files: readonly string[], ownFile: string): HostKeyStore {
  const known = (host: string, port: number): KnownHost[] =>
    [...files, ownFile].flatMap((file) => matchHost(parseKnownHosts(readText(file)), host, port, hmacSha1))
  const plain = (host: string, port: number) =>
    known(host, port).filter((one) => one.marker === undefined && isWholeKey(one))
  return {
    verifyHostKey: (host, port, offered) => {
      const entries = known(host, port)
      const same = entries.filter(({ key }) => key === offered.key)
      if (same.some(({ marker }) => marker === 'revoked')) return { is: 'revoked' }
      if (same.some(({ marker }) => marker === undefined)) return { is: 'known' }
      // Known types were asked for first: a host that answers with another one has lost the key we know.
      const others = plain(host, port).filter(({ type }) => v.is(HostKeyType, type))
      const other = others.find(({ type }) => type === offered.type) ?? others[0]
      if (!other) return { is: 'unknown' }
      return { is: 'changed', knownFingerprint: sha256Fingerprint(Buffer.from(other.key, 'base64')) }
    },
    knownTypes: (host, port) => [...new Set(plain(host, port).map(({ type }) => type))],
    remember: (host, port, { type, key }) =>
      // Two logins may learn a key each at once; and what cannot be read is not written over.
      guard(ownFile, () =>
        withFileLock(ownFile, async () => {
          const name = port === 22 ? host : `[${host}]:${port}`
          const lines = ((await readOwn(ownFile)) ?? '').split('\n')
          const others = lines.filter((line) => line !== '' && !line.startsWith(`${name} ${type} `))
          await writeFileWhole(ownFile, `${[...others, `${name} ${type} ${key}`].join('\n')}\n`)
        }),
      ),
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // No such file, no key known from it: the person is asked then.
    return ''
  }
}
