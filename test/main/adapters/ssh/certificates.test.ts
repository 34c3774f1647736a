import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../core/ssh/certificate'
import { keyVouchedFor } from '../../../../main/adapters/ssh/authentication/host-certificate'
import { hasProgram } from '../../../differential/programs'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'certificates-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const nowSeconds = Date.now() / 1000
const path = (name: string) => join(dir, name)
const keygen = (...argv: string[]) => execFileSync('ssh-keygen', ['-q', ...argv], { stdio: 'pipe' })
const makeKey = (name: string, ...type: string[]) => keygen('-t', ...type, '-N', '', '-f', path(name))
const blobIn = (name: string) => readFileSync(path(name), 'utf8').split(' ')[1] ?? ''

/** A certificate of `key` by `ca`, as ssh-keygen makes it. */
function certify(...options: string[]): string {
  keygen('-s', path('ca'), '-I', 'test', ...options, path('key.pub'))
  return blobIn('key-cert.pub')
}

const kinds: readonly (readonly string[])[] = [
  ['ed25519'],
  ['rsa', '-b', '2048'],
  ['ecdsa', '-b', '256'],
  ['ecdsa', '-b', '384'],
  ['ecdsa', '-b', '521'],
]

describe.skipIf(!hasProgram('ssh-keygen'))('a certificate of a host', () => {
  it.each(kinds)('vouches for its key where an authority of %s %s %s has signed it', (...kind) => {
    makeKey('ca', ...kind)
    makeKey('key', ...kind)
    const certificate = certify('-h', '-n', 'otto.lan,*.farm')
    const vouched = (name: string, authority = blobIn('ca.pub')) =>
      keyVouchedFor(certificate, name, [authority], nowSeconds)
    expect(vouched('otto.lan')).toBe(blobIn('key.pub'))
    expect(vouched('Anna.Farm')).toBe(blobIn('key.pub'))
    expect(vouched('emil.lan')).toBeUndefined()
    expect(vouched('otto.lan', blobIn('key.pub'))).toBeUndefined()
  })

  it('vouches for none when it is bent anywhere', () => {
    makeKey('ca', 'ed25519')
    makeKey('key', 'ed25519')
    const bytes = Buffer.from(certify('-h', '-n', 'otto.lan'), 'base64')
    const authorities = [blobIn('ca.pub')]
    for (let at = 0; at < bytes.length; at++) {
      const bent = Buffer.from(bytes)
      bent.writeUInt8(bent.readUInt8(at) ^ 1, at)
      for (const one of [bent, bytes.subarray(0, at)]) {
        expect(keyVouchedFor(one.toString('base64'), 'otto.lan', authorities, nowSeconds)).toBeUndefined()
      }
    }
  })

  it.each([
    ['is a person’s', ['-n', 'otto.lan']],
    ['holds no more', ['-h', '-n', 'otto.lan', '-V', '20200101:20200102']],
    ['does not hold yet', ['-h', '-n', 'otto.lan', '-V', '+1w:+2w']],
    ['has a condition that nobody knows', ['-h', '-n', 'otto.lan', '-O', 'critical:odd=1']],
  ])('vouches for none when it %s', (_, options) => {
    makeKey('ca', 'ed25519')
    makeKey('key', 'ed25519')
    expect(keyVouchedFor(certify(...options), 'otto.lan', [blobIn('ca.pub')], nowSeconds)).toBeUndefined()
  })

  it('without names vouches for any, as ssh-keygen(1) has it', () => {
    makeKey('ca', 'ed25519')
    makeKey('key', 'ed25519')
    const certificate = certify('-h')
    expect(parseCertificate(certificate)).toMatchObject({ isFor: 'host', principals: [] })
    expect(keyVouchedFor(certificate, 'any', [blobIn('ca.pub')], nowSeconds)).toBe(blobIn('key.pub'))
  })
})
