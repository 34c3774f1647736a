import fc from 'fast-check'
import type { BuilderSpec } from '../../contract/builder'
import type { PublicKey } from '../../contract/grammar'
import { encodeBase64 } from '../../core/text/base64'

/** A thousand cases of each property. */
export const thousand = { numRuns: 1000 }

const letters = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const word = (first: string, rest: string, maxLength: number) =>
  fc
    .tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...rest), maxLength: maxLength - 1 }))
    .map(([head, tail]) => head + tail)

/** Whatever somebody hostile, or a keyboard, might put where a plain value belongs. */
export const hostile = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a b',
    'a\nb',
    'a\r\nProxyCommand x',
    'a;b',
    'a#b',
    '#',
    '@/etc/passwd',
    'a@b',
    'a?remote-program=x',
    '%h',
    '%n%%',
    '"quoted"',
    "'quoted'",
    '-oProxyCommand=id',
    '--',
    'localhost',
    'LocalHost',
    'LOCALHOST.',
    '[::1]',
    '[2001:db8::1]:22',
    '../../etc/shadow',
    '/etc/passwd',
    '$(id)',
    '`id`',
    `$${'{HOME}'}`,
    'fe80::1%eth0',
    'a\0b',
    'a\tb',
    'ünïcode',
    'аnna',
    '\u202egnp.exe',
    '\u200b',
    '\ud800',
    '\x1b[31mred',
    '__proto__',
    'a'.repeat(10_240),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      '\n',
      '\r',
      ';',
      '#',
      '@',
      '?',
      '%',
      '"',
      "'",
      '-',
      ' ',
      '\t',
      '=',
      ',',
      '\\',
      'a',
      '1',
      ':',
      '[',
      ']',
    ),
  }),
)

/** A text of lines, as random as an editor and a hurry can make it, ending as it likes. */
export const messyText = fc
  .array(
    fc.oneof(
      hostile,
      fc.constantFrom('', ' ', '# note ; h', 'max-jobs = 4', '!include x', 'Host *', 'h1 - - 2'),
    ),
    {
      maxLength: 8,
    },
  )
  .map((lines) => lines.join('\n'))

export const builderId = word(letters, `${letters}${digits}-`, 32)
export const userName = word(`${letters}_`, `${letters}${digits}_-`, 32)
export const dnsName = fc
  .array(word(letters, letters + digits, 12), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'))
  .filter((name) => !/localhost/i.test(name))
export const hostName = fc.oneof(
  dnsName,
  fc.ipV4().filter((ip) => !/^(0|127)\./.test(ip)),
  fc.ipV6().filter((ip) => !/^[0:]*1?$/.test(ip) && !/^(::ffff:)?(0|127)\./.test(ip) && !/\d+\.\d+/.test(ip)),
)
export const port = fc.integer({ min: 1, max: 65535 })
export const systemName = fc
  .tuple(word(letters, `${letters}${digits}_`, 8), word(letters, letters + digits, 8))
  .map(([cpu, kernel]) => `${cpu}-${kernel}`)
export const featureName = word(letters + digits, `${letters}${digits}._+-`, 20)

const uint32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
const field = (bytes: readonly number[]) => [...uint32(bytes.length), ...bytes]
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0))
/** As good as random, from one number: a thousand keys are made in no time. */
const bytes = (length: number) =>
  fc.nat().map((seed) => Array.from({ length }, (_, at) => Math.imul(seed + at + 1, 0x9e3779b1) >>> 24))

/** A key's blob, put together field by field (RFC 4253 §6.6). */
export function keyOf(type: PublicKey['type'], ...fields: (readonly number[])[]): PublicKey {
  return { type, key: encodeBase64(Uint8Array.from([...field(ascii(type)), ...fields.flatMap(field)])) }
}

/** An RSA key whose modulus has just so many bits. */
export function rsaKey(bits: number): PublicKey {
  const top = 1 << ((bits - 1) % 8)
  const body = [top, ...Array.from({ length: Math.ceil(bits / 8) - 1 }, () => 0x5a)]
  return keyOf('ssh-rsa', [1, 0, 1], top === 128 ? [0, ...body] : body)
}

export const ed25519Key = bytes(32).map((point) => keyOf('ssh-ed25519', point))
export const ecdsaKey = bytes(64).map((point) =>
  keyOf('ecdsa-sha2-nistp256', ascii('nistp256'), [4, ...point]),
)
export const publicKey = fc.oneof(ed25519Key, ecdsaKey, fc.constantFrom(rsaKey(3072), rsaKey(4096)))

const hostKeys = fc.array(publicKey, { minLength: 1, maxLength: 3 })
const list = (item: fc.Arbitrary<string>, minLength: number) =>
  fc.uniqueArray(item, { minLength, maxLength: 4 })

/** Every builder that the grammars let pass, in all its parts. */
export const builderSpec: fc.Arbitrary<BuilderSpec> = fc
  .record({
    id: builderId,
    host: hostName,
    port,
    user: userName,
    protocol: fc.constantFrom('ssh-ng' as const, 'ssh' as const),
    systems: list(systemName, 1),
    supportedFeatures: list(featureName, 0),
    mandatoryFeatures: list(featureName, 0),
    maxJobs: fc.integer({ min: 1, max: 1024 }),
    speedFactor: fc.integer({ min: 1, max: 1000 }),
    hostKeys,
    jump: fc.option(fc.record({ host: hostName, port, user: userName, hostKeys }), { nil: undefined }),
  })
  .map(({ jump, ...rest }) => (jump ? { ...rest, jump } : rest))

export const builderSpecs = fc.uniqueArray(builderSpec, { maxLength: 5, selector: ({ id }) => id })
