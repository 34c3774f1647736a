import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BuilderId, HostName, isValid } from '../../../contract/grammar'
import { suggestBuilderId } from '../../../core/provision/builder-id'
import { formatAddress, parseAddress } from '../../../core/ssh/address'
import { builderId, dnsName, hostile, hostName, port, thousand, userName } from '../../fixtures/arbitraries'

const problemOf = (text: string) => {
  const parsed = parseAddress(text)
  return parsed.ok ? parsed.address : parsed.problem
}

const address = fc
  .record({
    host: hostName,
    user: fc.option(userName, { nil: undefined }),
    port: fc.option(port, { nil: undefined }),
  })
  .map(({ host, user, port: number }) => ({
    host,
    ...(user === undefined ? {} : { user }),
    ...(number === undefined ? {} : { port: number }),
  }))

describe('an address', () => {
  it('is read back as it was written, with and without a scheme', () => {
    fc.assert(
      fc.property(address, (wanted) => {
        const text = formatAddress(wanted)
        expect(problemOf(text)).toEqual(wanted)
        const inUri = wanted.host.includes(':') && wanted.port === undefined
        if (!inUri) expect(problemOf(`ssh://${text}/`)).toEqual(wanted)
      }),
      thousand,
    )
  })

  it('that passes holds nothing hostile, whatever was typed', () => {
    fc.assert(
      fc.property(hostile, fc.option(hostile), fc.option(hostile), (host, user, onPort) => {
        const parsed = parseAddress(
          `${user === null ? '' : `${user}@`}${host}${onPort === null ? '' : `:${onPort}`}`,
        )
        if (!parsed.ok) return
        expect(isValid(HostName, parsed.address.host)).toBe(true)
        expect(parsed.address.user ?? 'x').toMatch(/^([\w.-]+\\)?\w[\w.+-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?\$?$/)
        expect(parsed.address.port ?? 22).toBeGreaterThan(0)
      }),
      thousand,
    )
  })

  it.each([
    ['otto', { host: 'otto' }],
    [' admin@otto.lan ', { user: 'admin', host: 'otto.lan' }],
    ['admin@10.0.0.7:2222', { user: 'admin', host: '10.0.0.7', port: 2222 }],
    ['ssh://admin@otto', { user: 'admin', host: 'otto' }],
    ['ssh-ng://otto', { host: 'otto' }],
    ['[2001:db8::1]:2222', { host: '2001:db8::1', port: 2222 }],
    ['me@[2001:db8::1]', { user: 'me', host: '2001:db8::1' }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['John.Doe@otto', { user: 'John.Doe', host: 'otto' }],
    ['wks-042$@otto', { user: 'wks-042$', host: 'otto' }],
    ['jane@corp.example@otto', { user: 'jane@corp.example', host: 'otto' }],
    ['ssh://jane@corp.example@otto:2222', { user: 'jane@corp.example', host: 'otto', port: 2222 }],
    ['CORP\\jane.doe@otto', { user: 'CORP\\jane.doe', host: 'otto' }],
    ['jane+build@otto', { user: 'jane+build', host: 'otto' }],
    ['admin@127.0.0.1:2222', { user: 'admin', host: '127.0.0.1', port: 2222 }],
  ])('%j is understood', (text, wanted) => {
    expect(problemOf(text)).toEqual(wanted)
  })

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['a'.repeat(10_240), 'too-long'],
    ['-oProxyCommand', 'leading-dash'],
    ['me@-x', 'leading-dash'],
    ['localhost', 'this-computer'],
    ['me@LOCALHOST.', 'this-computer'],
    ['foo.localhost:2222', 'this-computer'],
    ['127.0.0.1', 'this-computer'],
    ['127.1', 'this-computer'],
    ['[::1]:22', 'this-computer'],
    ['0.0.0.0', 'this-computer'],
    ['::', 'this-computer'],
    ['::ffff:127.0.0.1', 'this-computer'],
    ['2130706433', 'bad-host'],
    ['0x7f.1', 'bad-host'],
    ['10.0.0.256', 'bad-host'],
    ['a b', 'bad-character'],
    ['a\nb', 'bad-character'],
    ['a;b', 'bad-character'],
    ['a#b', 'bad-character'],
    ['a?x=y', 'bad-character'],
    ['fe80::1%eth0', 'bad-character'],
    ['"a"', 'bad-character'],
    ['bücher.lan', 'bad-character'],
    ['@otto', 'bad-user'],
    ['@b@otto', 'bad-user'],
    ['a@@otto', 'bad-user'],
    ['a@b@c@otto', 'bad-user'],
    ['a\\b', 'bad-character'],
    ['a\\b\\c@otto', 'bad-character'],
    ['\\b@otto', 'bad-character'],
    ['a@\\otto', 'bad-character'],
    ['me@', 'bad-host'],
    ['[otto]:22', 'bad-host'],
    ['otto:', 'bad-port'],
    ['otto:0', 'bad-port'],
    ['otto:65536', 'bad-port'],
    ['otto:ssh', 'bad-port'],
    ['http://otto', 'other-scheme'],
    ['me:secret@otto', 'has-password'],
    ['otto/path', 'has-path'],
    ['ssh://otto/path', 'has-path'],
  ])('%j is refused: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })
})

describe('a suggested id', () => {
  it('is always valid and never taken', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, hostName), fc.array(builderId), (host, taken) => {
        const first = suggestBuilderId(host, taken)
        const second = suggestBuilderId(host, [...taken, first])
        for (const id of [first, second]) expect(isValid(BuilderId, id)).toBe(true)
        expect(taken).not.toContain(first)
        expect(second).not.toBe(first)
      }),
      thousand,
    )
  })

  it('is the machine’s own name where that will do', () => {
    fc.assert(
      fc.property(dnsName, (name) => {
        expect(suggestBuilderId(name, [])).toBe(name.split('.')[0])
      }),
      thousand,
    )
  })

  it.each([
    ['Anna.lan', [], 'anna'],
    ['anna', ['anna', 'anna-2'], 'anna-3'],
    ['10.0.0.7', [], 'builder'],
    ['2001:db8::1', ['builder'], 'builder-2'],
    ['my_mac', [], 'my-mac'],
    ['3com', [], 'com'],
  ])('for %s beside %j is %s', (host, taken, id) => {
    expect(suggestBuilderId(host, taken)).toBe(id)
  })
})
