import type { BuilderSpec } from '../../contract/builder'
import type { PublicKey } from '../../contract/grammar'
import { decodeBase64, encodeBase64 } from '../text/base64'
import { tokenize } from '../text/tokens'
import { jumpAlias, sshAlias } from './alias'
import { matchesPatternList } from './patterns'

/** One line per pinned key, under the HostKeyAlias that the ssh_config stanza names: no port, no address. */
export function renderKnownHosts(builders: readonly BuilderSpec[]): string {
  const lines = (name: string, keys: readonly PublicKey[]) =>
    keys.map((key) => `${name} ${key.type} ${key.key}\n`).join('')
  return builders
    .map(
      ({ id, hostKeys, jump }) =>
        lines(sshAlias(id), hostKeys) + (jump ? lines(jumpAlias(id), jump.hostKeys) : ''),
    )
    .join('')
}

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  /** 1-based */
  readonly line: number
  readonly marker?: 'cert-authority' | 'revoked'
  /** Names and patterns as written, or one hashed name. */
  readonly names: readonly string[]
  readonly type: string
  /** Base64 */
  readonly key: string
}

/** Lines that ssh would not read either are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((content, index) => {
    const words = tokenize(content)
    if (words.length === 0 || words[0]?.startsWith('#')) return []
    const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined
    if (marker !== undefined && marker !== 'cert-authority' && marker !== 'revoked') return []
    const [names, type, key] = words
    if (names === undefined || type === undefined || key === undefined) return []
    return [
      { line: index + 1, ...(marker ? { marker } : {}), names: tokenize(names, /,+/), type, key },
    ] satisfies KnownHost[]
  })
}

/** HMAC-SHA1 of `name` under `salt`, as `ssh-keygen -H` hashes names. */
export type HmacSha1 = (salt: Uint8Array, name: string) => Uint8Array

/** As known_hosts has it: lower case, with the port where it is not 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/** The lines that speak of a name as known_hosts has it: what ssh compares its key with, marked ones among them. */
export function matchHost(entries: readonly KnownHost[], name: string, hmacSha1: HmacSha1): KnownHost[] {
  return entries.filter(({ names }) => {
    if (names[0]?.startsWith('|')) return matchesHash(names[0], name, hmacSha1)
    return matchesPatternList(
      names.map((pattern) => pattern.toLowerCase()),
      name,
    )
  })
}

function matchesHash(hashed: string, name: string, hmacSha1: HmacSha1): boolean {
  const [, version, salt, hash] = hashed.split('|')
  const bytes = decodeBase64(salt ?? '')
  return version === '1' && bytes !== undefined && encodeBase64(hmacSha1(bytes, name)) === hash
}
