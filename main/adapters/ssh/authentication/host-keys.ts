import { createHash, createHmac, randomBytes } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import * as v from 'valibot'
import { HostKeyType, PublicKey } from '../../../../contract/grammar'
import { type KnownHost, knownHostName, matchHost, parseKnownHosts } from '../../../../core/ssh/known-hosts'
import {
  checkPublicKey,
  fingerprint,
  isWholeKey,
  minimumRsaBits,
  rsaBits,
} from '../../../../core/ssh/public-key'
import { fail } from '../../../failures'
import { readText as readOwn } from '../../data/document-file'
import { guard } from '../../data/document-folder'
import { withFileLock } from '../../data/file-lock'
import { NotPlainFileError, readPlainText } from '../../data/read-file'
import { writeFileWhole } from '../../data/write-file'
import type { KnownHostsRules } from '../config/resolve-login'

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

/** Why a single key is not pinned, as a fact for HOST_KEY_REJECTED; nothing for a kind that has no measure. */
export function whyNotPinnable(offered: OfferedKey): { readonly why?: string } {
  const bits = rsaBits(offered)
  if (bits === undefined)
    return { why: `It showed a key of the kind ${offered.type}, which Millwright does not pin` }
  return { why: `It showed an RSA key of ${bits} bits; Millwright pins none of less than ${minimumRsaBits}` }
}

/** `SHA256:…` of a key that passed the grammar. */
export function fingerprintOf(key: PublicKey): string {
  return fingerprint(key, (bytes) => createHash('sha256').update(bytes).digest())
}

/** A host, and by which rules its key is judged. */
export interface HostPlace {
  readonly host: string
  readonly port: number
  readonly rules: KnownHostsRules
}

/** What the known_hosts files say of one host, read once for a login. */
export interface KnownKeys {
  /** By the host's name, or that which `HostKeyAlias` gives it. */
  readonly name: string
  verify(offered: OfferedKey): Verdict
  /** What they say of the address behind the name (`CheckHostIP`); only of interest where it is `changed`. */
  verifyAddress(address: string, offered: OfferedKey): Verdict
  /** Types of keys that are known for the host: to be asked for first, as ssh(1) does. */
  readonly types: readonly string[]
  /** Whose signature under a host's certificate counts (`@cert-authority`), none that is revoked; Base64. */
  readonly authorities: readonly string[]
}

/** The known_hosts files of the person and of the system, and Millwright's own, which alone is ever written. */
export interface HostKeyStore {
  /** Fails with SSH_FILE_UNFIT for a file that cannot be read as one. */
  read(place: HostPlace): Promise<KnownKeys>
  /** An older key of the same type, if that file holds one, gives way. */
  remember(place: HostPlace, offered: OfferedKey): Promise<void>
}

export function createHostKeyStore(ownFile: string): HostKeyStore {
  return {
    read: async ({ host, port, rules }) => {
      const files = [...new Set([...rules.files, ownFile])]
      const entries = (await Promise.all(files.map(readText))).flatMap(parseKnownHosts)
      const name = nameOf({ host, port, rules })
      const of = (wanted: string) => matchHost(entries, wanted, hmacSha1)
      const known = of(name)
      // ssh looks a host up without its port as well, and takes only good news from that.
      const isKnownWithoutPort = (offered: OfferedKey) =>
        rules.alias === undefined && port !== 22 && judge(of(knownHostName(host, 22)), offered).is === 'known'
      const revoked = known.flatMap(({ marker, key }) => (marker === 'revoked' ? [key] : []))
      return {
        name,
        verify: (offered) => {
          const verdict = judge(known, offered)
          return verdict.is === 'unknown' && isKnownWithoutPort(offered) ? { is: 'known' } : verdict
        },
        verifyAddress: (address, offered) => judge(of(knownHostName(address, port)), offered),
        types: [...new Set(plain(known).map(({ type }) => type))],
        authorities: known.flatMap(({ marker, key }) =>
          marker === 'cert-authority' && !revoked.includes(key) ? [key] : [],
        ),
      }
    },
    remember: (place, { type, key }) =>
      // Two logins may learn a key each at once; and what cannot be read is not written over.
      guard(ownFile, () =>
        withFileLock(ownFile, async () => {
          const name = nameOf(place)
          const isOlder = (line: string) =>
            matchHost(parseKnownHosts(line), name, hmacSha1).some((one) => one.type === type)
          const lines = ((await readOwn(ownFile)) ?? '').split('\n')
          const others = lines.filter((line) => line !== '' && !isOlder(line))
          const written = place.rules.hashesNames ? hashed(name) : name
          await writeFileWhole(ownFile, `${[...others, `${written} ${type} ${key}`].join('\n')}\n`)
        }),
      ),
  }
}

/** `HostKeyAlias` stands for host and port both (sshconnect.c). */
function nameOf({ host, port, rules }: HostPlace): string {
  return rules.alias === undefined ? knownHostName(host, port) : rules.alias.toLowerCase()
}

/** As `ssh-keygen -H` writes it. */
function hashed(name: string): string {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${hmacSha1(salt, name).toString('base64')}`
}

/** A line that was cut, as by a full disk, holds no key. */
function plain(entries: readonly KnownHost[]): readonly KnownHost[] {
  return entries.filter((one) => one.marker === undefined && isWholeKey(one))
}

function judge(entries: readonly KnownHost[], offered: OfferedKey): Verdict {
  const same = entries.filter(({ key }) => key === offered.key)
  if (same.some(({ marker }) => marker === 'revoked')) return { is: 'revoked' }
  if (same.some(({ marker }) => marker === undefined)) return { is: 'known' }
  // Known types were asked for first: a host that answers with another one has lost the key we know.
  const others = plain(entries).filter(({ type }) => v.is(HostKeyType, type))
  const other = others.find(({ type }) => type === offered.type) ?? others[0]
  if (!other) return { is: 'unknown' }
  return { is: 'changed', knownFingerprint: sha256Fingerprint(Buffer.from(other.key, 'base64')) }
}

async function readText(path: string): Promise<string> {
  try {
    return await readPlainText(path)
  } catch (error) {
    const isSilent = error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT'
    const isOdd = error instanceof NotPlainFileError && (await realpath(path)) !== '/dev/null'
    if (isOdd) return fail('SSH_FILE_UNFIT', { path, what: `is ${error.what}` })
    if (isSilent) return fail('SSH_FILE_UNFIT', { path, what: 'does not answer' })
    // No such file, no key known from it: the person is asked then.
    return ''
  }
}
