import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPublicKey, fingerprint, parsePublicKeyLine } from '../../../core/ssh/public-key'
import { decodeBase64, encodeBase64 } from '../../../core/text/base64'
import { hostile, keyOf, publicKey, rsaKey, thousand } from '../../fixtures/arbitraries'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

describe('Base64', () => {
  it('is written as Node writes it, and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(text)).toEqual(bytes)
      }),
      thousand,
    )
  })

  it('is read only in the one way to write it', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: fc.constantFrom(...'ABz+/= \n') })), (text) => {
        const bytes = decodeBase64(text)
        if (bytes) expect(encodeBase64(bytes)).toBe(text)
      }),
      thousand,
    )
  })
})

describe('a public key', () => {
  it('that is whole passes, as a key and as a line with any comment', () => {
    fc.assert(
      fc.property(publicKey, fc.stringMatching(/^[ -~]{0,40}$/), (key, comment) => {
        expect(checkPublicKey(key)).toBeUndefined()
        expect(parsePublicKeyLine(`${key.type} ${key.key} ${comment}\n`)).toEqual({
          ...key,
          comment: comment.trim(),
        })
      }),
      thousand,
    )
  })

  it('fails when its inner type is another', () => {
    fc.assert(
      fc.property(publicKey, publicKey, (key, other) => {
        fc.pre(key.type !== other.type)
        expect(checkPublicKey({ type: other.type, key: key.key })).toMatch(/^not the/)
      }),
      thousand,
    )
  })

  it('fails when cut at any byte, or with one more', () => {
    fc.assert(
      fc.property(publicKey, fc.nat({ max: 800 }), (key, cut) => {
        const blob = decodeBase64(key.key) ?? new Uint8Array()
        fc.pre(cut < blob.length)
        expect(checkPublicKey({ ...key, key: encodeBase64(blob.subarray(0, cut)) })).toBeDefined()
        expect(checkPublicKey({ ...key, key: encodeBase64(Uint8Array.from([...blob, 0])) })).toBeDefined()
      }),
      thousand,
    )
  })

  it.each([1024, 2047])('of RSA with %i bits is too short', (bits) => {
    expect(checkPublicKey(rsaKey(bits))).toBe(`an RSA key of ${bits} bits; 2048 are the least`)
  })

  it.each([2048, 3072, 3073, 4096])('of RSA with %i bits is long enough', (bits) => {
    expect(checkPublicKey(rsaKey(bits))).toBeUndefined()
  })

  it('with a padded or negative RSA modulus does not pass for a long one', () => {
    const zeros = Array.from({ length: 400 }, () => 0)
    expect(checkPublicKey(keyOf('ssh-rsa', [3], [...zeros, 1]))).toMatch(/1 bits/)
    expect(checkPublicKey(keyOf('ssh-rsa', [3], [0xff, ...zeros]))).toMatch(/0 bits/)
  })

  it('line is no key when anything hostile stands for it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(parsePublicKeyLine(text)).toBeUndefined()
        expect(parsePublicKeyLine(`ssh-ed25519 ${text}`)).toBeUndefined()
      }),
      thousand,
    )
  })

  it('has a fingerprint of one shape', () => {
    fc.assert(
      fc.property(publicKey, (key) => {
        expect(fingerprint(key, sha256)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
      }),
      thousand,
    )
  })
})
