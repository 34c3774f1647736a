import { isValid, PublicKey } from '../../contract/grammar'
import { decodeBase64, encodeBase64 } from '../text/base64'

/** NIST’s floor until 2030 (SP 800-57); OpenSSH itself still takes 1024. */
export const minimumRsaBits = 2048

const nistPointBytes = new Map([
  ['ecdsa-sha2-nistp256', 65],
  ['ecdsa-sha2-nistp384', 97],
  ['ecdsa-sha2-nistp521', 133],
])

/** Cuts an SSH wire blob into its length-prefixed fields (RFC 4251 §5); undefined when it does not add up. */
export function wireFields(blob: Uint8Array): Uint8Array[] | undefined {
  const found: Uint8Array[] = []
  let at = 0
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined
    const [a = 0, b = 0, c = 0, d = 0] = blob.subarray(at, at + 4)
    const length = a * 0x1000000 + b * 0x10000 + c * 0x100 + d
    if (at + 4 + length > blob.length) return undefined
    found.push(blob.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

function text(bytes: Uint8Array | undefined): string {
  return String.fromCharCode(...(bytes ?? []).slice(0, 64))
}

/** Bits of a non-negative mpint (RFC 4251 §5); 0 for one that is negative. */
function bitLength(mpint: Uint8Array): number {
  if ((mpint[0] ?? 0) & 0x80) return 0
  const first = mpint.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (mpint.length - first) * 8 - (Math.clz32(mpint[first] ?? 0) - 24)
}

/** Why a key is not to be trusted or written anywhere, in a few words; undefined when nothing is wrong. */
export function checkPublicKey(key: PublicKey): string | undefined {
  const blob = decodeBase64(key.key)
  if (!blob) return 'not valid Base64'
  const parts = wireFields(blob)
  if (!parts) return 'cut short'
  const [inner, first, second] = parts
  if (text(inner) !== key.type) return `not the ${key.type} key that it says it is`
  if (key.type === 'ssh-ed25519') {
    return parts.length === 2 && first?.length === 32 ? undefined : 'not a whole ed25519 key'
  }
  if (key.type === 'ssh-rsa') {
    if (parts.length !== 3 || !first || !second || bitLength(first) < 2) return 'not a whole RSA key'
    const bits = bitLength(second)
    return bits >= minimumRsaBits ? undefined : `an RSA key of ${bits} bits; ${minimumRsaBits} are the least`
  }
  const isWhole =
    parts.length === 3 &&
    key.type === `ecdsa-sha2-${text(first)}` &&
    second?.length === nistPointBytes.get(key.type) &&
    second?.[0] === 4
  return isWhole ? undefined : 'not a whole ECDSA key'
}

/** Whether nothing of a key's bytes is missing, of whatever kind and size; a line that was cut holds no key. */
export function isWholeKey({ type, key }: { readonly type: string; readonly key: string }): boolean {
  const blob = decodeBase64(key)
  const parts = blob && wireFields(blob)
  return parts !== undefined && parts.length > 1 && text(parts[0]) === type
}

/** How long the modulus of an RSA key is; undefined for another kind of key, or none. */
export function rsaBits({ type, key }: { readonly type: string; readonly key: string }): number | undefined {
  const modulus = wireFields(decodeBase64(key) ?? new Uint8Array())?.[2]
  return type === 'ssh-rsa' && modulus ? bitLength(modulus) : undefined
}

/** Reads a `.pub` line, or `ssh-keyscan`'s without its host; undefined for a kind of key we do not pin. */
export function parsePublicKeyLine(line: string): (PublicKey & { readonly comment: string }) | undefined {
  const match = /^[ \t]*(\S+)[ \t]+(\S+)(?:[ \t]+([^\r\n]*))?\r?\n?$/.exec(line)
  const key = { type: match?.[1], key: match?.[2] }
  if (!isValid(PublicKey, key) || checkPublicKey(key) !== undefined) return undefined
  return { ...key, comment: match?.[3]?.trim() ?? '' }
}

/** `SHA256:…` as ssh-keygen(1) -l prints it. Throws on a key that `checkPublicKey` would not let pass. */
export function fingerprint(key: PublicKey, sha256: (bytes: Uint8Array) => Uint8Array): string {
  const blob = decodeBase64(key.key)
  if (!blob) throw new RangeError('The key is not valid Base64.')
  return `SHA256:${encodeBase64(sha256(blob)).replace(/=+$/, '')}`
}
