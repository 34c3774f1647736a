import { decodeBase64, encodeBase64 } from '../text/base64'
import { wireFields } from './public-key'

/** An OpenSSH certificate (PROTOCOL.certkeys), as it says of itself: nothing of it is proven. */
export interface Certificate {
  /** Of the key that it is for, without `-cert-v01@openssh.com`. */
  readonly keyType: string
  /** That key as a blob of its own; Base64. */
  readonly key: string
  readonly isFor: 'user' | 'host'
  /** Names that it holds for; none: for any. */
  readonly principals: readonly string[]
  /** Seconds since 1970; the second one is the first moment at which it holds no more. */
  readonly validFrom: bigint
  readonly validUntil: bigint
  readonly criticalOptions: readonly string[]
  /** Who has signed it; Base64. */
  readonly authority: string
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** How many fields each type of key has between the nonce and the serial number. */
const keyFields = new Map([
  ['ssh-ed25519', 1],
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
])
const suffix = '-cert-v01@openssh.com'

/** Reads a certificate out of its blob in Base64; undefined for what is none, or of another kind of key. */
export function parseCertificate(base64: string): Certificate | undefined {
  const blob = decodeBase64(base64)
  return blob && readCertificate(createReader(blob), blob)
}

function readCertificate(reader: Reader, blob: Uint8Array): Certificate | undefined {
  const type = text(reader.string())
  const keyType = type.endsWith(suffix) ? type.slice(0, -suffix.length) : ''
  const count = keyFields.get(keyType)
  if (count === undefined) return undefined
  reader.string()
  const fields = Array.from({ length: count }, () => reader.string())
  reader.number(8)
  const kind = reader.number(4)
  reader.string()
  const principals = wireFields(reader.string())
  const [validFrom, validUntil] = [reader.number(8), reader.number(8)]
  const options = wireFields(reader.string())
  reader.string()
  reader.string()
  const authority = reader.string()
  const signed = blob.subarray(0, reader.at())
  const signature = reader.string()
  if (reader.isShort() || reader.at() !== blob.length || !principals || !options) return undefined
  if (kind !== 1n && kind !== 2n) return undefined
  return {
    keyType,
    key: encodeBase64(join([bytes(keyType), ...fields])),
    isFor: kind === 1n ? 'user' : 'host',
    principals: principals.map(text),
    validFrom,
    validUntil,
    criticalOptions: options.filter((_, at) => at % 2 === 0).map(text),
    authority: encodeBase64(authority),
    signed,
    signature,
  }
}

interface Reader {
  /** A length and as many bytes; empty where the blob is too short. */
  string(): Uint8Array
  number(length: number): bigint
  at(): number
  isShort(): boolean
}

function createReader(blob: Uint8Array): Reader {
  let at = 0
  let isShort = false
  const take = (length: number) => {
    isShort ||= at + length > blob.length
    if (isShort) return new Uint8Array()
    at += length
    return blob.subarray(at - length, at)
  }
  const number = (length: number) => take(length).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return { string: () => take(Number(number(4))), number, at: () => at, isShort: () => isShort }
}

/** Fields as they go over the wire: each with its length before it (RFC 4251 §5). */
function join(fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, { length }) => sum + 4 + length, 0))
  let at = 0
  for (const field of fields) {
    new DataView(whole.buffer).setUint32(at, field.length)
    whole.set(field, at + 4)
    at += 4 + field.length
  }
  return whole
}

function bytes(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (letter) => letter.charCodeAt(0))
}

function text(field: Uint8Array): string {
  return String.fromCharCode(...field.subarray(0, 1024))
}

/** Whether it is for a host of such a name; one without principals is for any (sshkey_cert_check_host in sshkey.c). */
export function namesHost(
  { isFor, principals }: Certificate,
  matches: (pattern: string) => boolean,
): boolean {
  return isFor === 'host' && (principals.length === 0 || principals.some(matches))
}

/** Whether it holds at a moment, in seconds since 1970. */
export function holdsAt({ validFrom, validUntil }: Certificate, seconds: number): boolean {
  const now = BigInt(Math.floor(seconds))
  return validFrom <= now && now < validUntil
}
