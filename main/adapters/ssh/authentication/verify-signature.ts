import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { wireFields } from '../../../../core/ssh/public-key'

/** RSA with SHA-1 is not among them, as in `CASignatureAlgorithms` (ssh_config(5)). */
const hashes: Readonly<Record<string, string | undefined>> = {
  'ssh-ed25519': undefined,
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}
const curves: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  nistp256: { name: 'P-256', bytes: 32 },
  nistp384: { name: 'P-384', bytes: 48 },
  nistp521: { name: 'P-521', bytes: 66 },
}

/** Whether a signature in SSH's form is one of a key (Base64 of its blob) over the data. False for unknown kinds. */
export function isSignedBy(key: string, data: Uint8Array, signature: Uint8Array): boolean {
  const [type, ...fields] = (wireFields(Buffer.from(key, 'base64')) ?? []).map((one) => Buffer.from(one))
  const [algorithm, value] = (wireFields(signature) ?? []).map((one) => Buffer.from(one))
  const [keyType, name] = [type?.toString('latin1'), algorithm?.toString('latin1')]
  if (keyType === undefined || name === undefined || !value || !Object.hasOwn(hashes, name)) return false
  if (name !== keyType && !(keyType === 'ssh-rsa' && name.startsWith('rsa-sha2-'))) return false
  try {
    const publicKey = toKeyObject(keyType, fields)
    const raw = keyType.startsWith('ecdsa-') ? toPlainEcdsa(value, keyType) : value
    return (
      publicKey !== undefined &&
      verify(hashes[name], data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)
    )
  } catch {
    // A key that the library will not have has signed nothing.
    return false
  }
}

function toKeyObject(type: string, [first, second]: readonly Buffer[]): KeyObject | undefined {
  const make = (key: JsonWebKey) => createPublicKey({ key, format: 'jwk' })
  const encode = (field: Buffer) => field.toString('base64url')
  if (type === 'ssh-ed25519' && first) return make({ kty: 'OKP', crv: 'Ed25519', x: encode(first) })
  if (type === 'ssh-rsa' && first && second) return make({ kty: 'RSA', e: encode(first), n: encode(second) })
  const curve = curves[first?.toString('latin1') ?? '']
  if (!curve || second?.length !== 1 + 2 * curve.bytes || second[0] !== 4) return undefined
  const [x, y] = [second.subarray(1, 1 + curve.bytes), second.subarray(1 + curve.bytes)]
  return make({ kty: 'EC', crv: curve.name, x: encode(x), y: encode(y) })
}

/** Two numbers with their lengths become two of the length of the curve. */
function toPlainEcdsa(value: Buffer, keyType: string): Buffer {
  const bytes = curves[keyType.replace('ecdsa-sha2-', '')]?.bytes ?? 0
  const numbers = (wireFields(value) ?? []).map((one) => {
    const number = Buffer.from(one).subarray(one[0] === 0 ? 1 : 0)
    return Buffer.concat([Buffer.alloc(Math.max(0, bytes - number.length)), number])
  })
  return Buffer.concat(numbers)
}
