import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PublicKey } from '../../contract/grammar'
import { sshAlias } from '../../core/ssh/alias'
import { knownHostName, matchHost, parseKnownHosts, renderKnownHosts } from '../../core/ssh/known-hosts'
import { checkPublicKey, fingerprint } from '../../core/ssh/public-key'
import { builderSpec, ed25519Key, hostName, keyOf, port, rsaKey } from '../fixtures/arbitraries'
import { hasProgram, run, temporaryFolder } from './programs'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const hmac = (salt: Uint8Array, name: string) => createHmac('sha1', salt).update(name).digest()

/** OpenSSH looks whether the point lies on the curve, so these are real. */
function realEcdsaKey(curve: 'P-256' | 'P-384' | 'P-521'): PublicKey {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({
    format: 'jwk',
  })
  const name = `nistp${curve.slice(2)}`
  const type = `ecdsa-sha2-${name}` as PublicKey['type']
  const point = [4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url')]
  return keyOf(type, [...Buffer.from(name)], point)
}

const keys: readonly PublicKey[] = [
  ...fc.sample(ed25519Key, 300),
  ...(['P-256', 'P-384', 'P-521'] as const).flatMap((curve) =>
    Array.from({ length: 5 }, () => realEcdsaKey(curve)),
  ),
  ...[2048, 3072, 3073, 3080, 4096, 8192].map(rsaKey),
]

/** One line per key that ssh-keygen could read: bits, fingerprint, comment. */
function listed(file: string): string[] {
  const { stdout } = run('ssh-keygen', ['-l', '-f', file])
  return stdout.split('\n').filter((line) => line !== '')
}

describe.skipIf(!hasProgram('ssh-keygen'))('ssh-keygen', { timeout: 60_000 }, () => {
  it('prints the fingerprints that we print, of 320 keys', () => {
    const file = join(temporaryFolder(), 'keys.pub')
    writeFileSync(file, keys.map(({ type, key }, index) => `${type} ${key} key-${index}\n`).join(''))
    const found = listed(file).map((line) => line.split(' ').slice(1, 3).join(' '))
    expect(found).toEqual(keys.map((key, index) => `${fingerprint(key, sha256)} key-${index}`))
  })

  it('counts the bits of RSA as we do', () => {
    const file = join(temporaryFolder(), 'rsa.pub')
    const bits = [1024, 1031, 2047, 2048, 3072]
    writeFileSync(file, bits.map((count) => `ssh-rsa ${rsaKey(count).key} x\n`).join(''))
    expect(listed(file).map((line) => Number(line.split(' ')[0]))).toEqual(bits)
    expect(bits.filter((count) => checkPublicKey(rsaKey(count)) === undefined)).toEqual([2048, 3072])
  })

  it('reads every key that we let pass, of 500 that were cut, mixed up or bent', () => {
    const bent = fc.sample(
      fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...keys), fc.nat({ max: 60 }), fc.nat({ max: 255 })),
      500,
    )
    const candidates = bent.map(([one, other, at, byte], index) => {
      const blob = Buffer.from(one.key, 'base64')
      if (index % 4 === 0) return { type: other.type, key: one.key }
      if (index % 4 === 1)
        return { type: one.type, key: blob.subarray(0, blob.length - at).toString('base64') }
      if (index % 4 === 2) blob[Math.min(at, 30)] = byte
      return {
        type: one.type,
        key:
          index % 4 === 3
            ? Buffer.concat([blob, Buffer.alloc(at)]).toString('base64')
            : blob.toString('base64'),
      }
    })
    const file = join(temporaryFolder(), 'bent.pub')
    writeFileSync(file, candidates.map(({ type, key }, index) => `${type} ${key} bent-${index}\n`).join(''))
    const readable = new Set(listed(file).map((line) => line.split(' ')[2]))
    const passed = candidates.flatMap((key, index) =>
      checkPublicKey(key) === undefined ? [`bent-${index}`] : [],
    )
    expect(passed.filter((name) => !readable.has(name))).toEqual([])
    expect(passed.length).toBeGreaterThan(20)
    expect(passed.length).toBeLessThan(480)
  })

  it('finds the pins of 100 builders under their aliases', () => {
    const builders = fc.sample(builderSpec, 100).map((spec, index) => ({ ...spec, id: `b${index}` }))
    const file = join(temporaryFolder(), 'known_hosts')
    writeFileSync(file, renderKnownHosts(builders))
    for (const { id, hostKeys } of builders) {
      const { stdout } = run('ssh-keygen', ['-F', sshAlias(id), '-f', file])
      const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      expect(lines).toEqual(hostKeys.map(({ type, key }) => `${sshAlias(id)} ${type} ${key}`))
    }
  })

  it('finds 100 hosts on the lines where we find them, plain and hashed', () => {
    const [key] = keys
    const hosts = fc.sample(fc.tuple(hostName, fc.oneof(fc.constant(22), port)), 50)
    const names = hosts.map(([host, onPort]) => (onPort === 22 ? host : `[${host}]:${onPort}`))
    const extra = [
      `*.lan,!bad.lan ${key?.type} ${key?.key}`,
      `@revoked otto.lan ${key?.type} ${key?.key}`,
      '# note',
      '',
    ]
    const file = join(temporaryFolder(), 'known_hosts')
    writeFileSync(file, [...names.map((name) => `${name} ${key?.type} ${key?.key}`), ...extra].join('\n'))
    const wanted: [string, number][] = [...hosts, ['otto.lan', 22], ['bad.lan', 22], ['nobody', 22]]
    const compare = () => {
      const entries = parseKnownHosts(readFileSync(file, 'utf8'))
      for (const [host, onPort] of wanted) {
        const name = onPort === 22 ? host : `[${host}]:${onPort}`
        const { stdout } = run('ssh-keygen', ['-F', name, '-f', file])
        const lines = [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map(([, line]) => Number(line))
        expect(matchHost(entries, knownHostName(host, onPort), hmac).map(({ line }) => line)).toEqual(lines)
      }
    }
    compare()
    run('ssh-keygen', ['-H', '-f', file])
    expect(readFileSync(file, 'utf8')).toContain('|1|')
    compare()
  })
})
