import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigureRequest, SwitchRequest } from '../../../contract/helper'
import { parseRequest, readInput } from '../../../helper/protocol/input'
import { Refusal } from '../../../helper/protocol/refusal'
import { builder } from '../builder'

const put = (change: Record<string, unknown>) =>
  JSON.stringify({ op: 'put-builder', builder: { ...builder('anna'), ...change }, restartDaemon: 'always' })

describe('a request to the helper', () => {
  it('is what was sent, when every grammar lets it pass', () => {
    expect(parseRequest(ConfigureRequest, put({}))).toMatchObject({ builder: builder('anna') })
  })

  const hostile = [
    ...[
      'a\nb',
      'a;b',
      'a#b',
      '@/etc/x',
      'a?remote-program=x',
      '%h',
      '"',
      "'",
      '-oProxyCommand=x',
      '$(x)',
      'a b',
    ],
    ...['', '\u0000', '\u202e', 'a'.repeat(10_000), '../keys', 'localhost', 'LocalHost.', '`x`', '\\'],
  ]

  it.each(
    ['id', 'host', 'user', 'protocol'].flatMap((field) => hostile.map((value) => [field, value] as const)),
  )('is refused with %s being %j', (field, value) => {
    const isName = field === 'user' && /^localhost\.?$/i.test(value)
    const isId = field === 'id' && value === 'localhost'
    if (isName || isId) return expect(parseRequest(ConfigureRequest, put({ [field]: value }))).toBeDefined()
    expect(() => parseRequest(ConfigureRequest, put({ [field]: value }))).toThrow(Refusal)
  })

  it.each(['systems', 'supportedFeatures', 'mandatoryFeatures'])('is refused with hostile %s', (field) => {
    for (const value of hostile.filter((one) => !/^localhost\.?$/i.test(one))) {
      expect(() => parseRequest(ConfigureRequest, put({ [field]: [value] }))).toThrow(Refusal)
    }
  })

  it('is refused when a number is out of its range', () => {
    for (const value of [0, -1, 1.5, 65536, 1e9, '22', null]) {
      for (const field of ['port', 'maxJobs', 'speedFactor']) {
        expect(() => parseRequest(ConfigureRequest, put({ [field]: value }))).toThrow(Refusal)
      }
    }
  })

  it('is refused with a host key that is not the kind it says', () => {
    const [key] = builder('anna').hostKeys
    const changed = [{ ...key, type: 'ssh-rsa' }]
    expect(() => parseRequest(ConfigureRequest, put({ hostKeys: changed }))).toThrow(/host key/)
    const jump = { host: 'gate', port: 22, user: 'x', hostKeys: changed }
    expect(() => parseRequest(ConfigureRequest, put({ jump }))).toThrow(/host key/)
  })

  it('is refused by a program that does not know the operation', () => {
    expect(() => parseRequest(SwitchRequest, put({}))).toThrow(Refusal)
    expect(() => parseRequest(ConfigureRequest, '{"op":"prove","id":"anna"}')).toThrow(Refusal)
  })

  it('is never anything but a request or a refusal, and a refusal repeats nothing of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseRequest(ConfigureRequest, text)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
          expect((error as Refusal).detail).toMatch(/^[\x20-\x7e]{1,200}$/)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('is read whole, however it is cut', async () => {
    const text = '{"op":"uninstall"}'
    expect(await readInput(Readable.from([...text].map((one) => Buffer.from(one))))).toBe(text)
  })

  it('is refused when it is too long, too slow or not UTF-8', async () => {
    const long = Readable.from(Array.from({ length: 300 }, () => Buffer.alloc(1024, 'a')))
    await expect(readInput(long)).rejects.toMatchObject({ code: 'INVALID', reason: 'grammar' })
    await expect(readInput(new Readable({ read() {} }), 20)).rejects.toMatchObject({ reason: 'timed-out' })
    await expect(readInput(Readable.from([Buffer.from([0xc3])]))).rejects.toMatchObject({
      reason: 'not-json',
    })
  })
})
