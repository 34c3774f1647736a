import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jumpAlias, sshAlias } from '../../../core/ssh/alias'
import { knownHostName, matchHost, parseKnownHosts, renderKnownHosts } from '../../../core/ssh/known-hosts'
import { builderSpecs, hostName, messyText, port, thousand } from '../../fixtures/arbitraries'

const hmac = (salt: Uint8Array, name: string) => createHmac('sha1', salt).update(name).digest()
const names = (text: string, host: string, onPort: number) =>
  matchHost(parseKnownHosts(text), knownHostName(host, onPort), hmac).map(({ line }) => line)

describe('rendered known hosts', () => {
  it('hold each builder’s keys under its alias, and its jump host’s under its own', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const entries = parseKnownHosts(renderKnownHosts(builders))
        for (const { id, hostKeys, jump } of builders) {
          const keysOf = (alias: string) =>
            matchHost(entries, alias, hmac).map(({ type, key }) => ({ type, key }))
          expect(keysOf(sshAlias(id))).toEqual(hostKeys)
          expect(keysOf(jumpAlias(id))).toEqual(jump?.hostKeys ?? [])
        }
      }),
      thousand,
    )
  })
})

describe('a known_hosts file', () => {
  it('is read without a throw, whatever it holds', () => {
    fc.assert(
      fc.property(messyText, hostName, port, (text, host, onPort) => {
        matchHost(parseKnownHosts(text), knownHostName(host, onPort), hmac)
      }),
      thousand,
    )
  })

  it('finds a hashed name under its port and under no other', () => {
    fc.assert(
      fc.property(hostName, port, fc.uint8Array({ minLength: 20, maxLength: 20 }), (host, onPort, salt) => {
        const name = onPort === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${onPort}`
        const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
        const line = `|1|${base64(salt)}|${base64(hmac(salt, name))} ssh-ed25519 AAAA`
        expect(names(line, host.toUpperCase(), onPort)).toEqual([1])
        expect(names(line, host, onPort === 1 ? 2 : onPort - 1)).toEqual([])
      }),
      thousand,
    )
  })

  it('knows markers, comments and patterns', () => {
    const text = [
      '# note',
      '@revoked otto ssh-ed25519 AAAA',
      '@cert-authority *.lan ssh-rsa BBBB ca@home',
      '*.lan,!bad.lan,10.0.0.? ssh-ed25519 CCCC',
      '@unknown otto ssh-ed25519 DDDD',
      '  [otto]:2222\tssh-ed25519 EEEE',
      'otto',
    ].join('\n')
    expect(names(text, 'OTTO', 22)).toEqual([2])
    expect(names(text, 'otto.lan', 22)).toEqual([3, 4])
    expect(names(text, 'bad.lan', 22)).toEqual([3])
    expect(names(text, '10.0.0.7', 22)).toEqual([4])
    expect(names(text, '10.0.0.77', 22)).toEqual([])
    expect(names(text, 'otto', 2222)).toEqual([6])
    expect(parseKnownHosts(text).map(({ marker }) => marker)).toEqual([
      'revoked',
      'cert-authority',
      undefined,
      undefined,
    ])
  })

  it('is not slowed down by a pattern of many stars', () => {
    const text = `${'*a'.repeat(5000)}b ssh-ed25519 AAAA`
    expect(names(text, 'a'.repeat(250), 22)).toEqual([])
  })
})
