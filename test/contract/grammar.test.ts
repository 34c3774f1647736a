import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BuilderSpec } from '../../contract/builder'
import * as g from '../../contract/grammar'
import { builderSpec, hostile, thousand } from '../fixtures/arbitraries'

const textGrammars = {
  BuilderId: g.BuilderId,
  UserName: g.UserName,
  HostName: g.HostName,
  SystemName: g.SystemName,
  FeatureName: g.FeatureName,
  InstallId: g.InstallId,
  Fingerprint: g.Fingerprint,
}

describe('every grammar of a text', () => {
  it.each(Object.entries(textGrammars))(
    '%s lets nothing pass that a file or a shell reads as more',
    (_, grammar) => {
      fc.assert(
        fc.property(
          fc.oneof(
            hostile,
            fc.tuple(hostile, hostile).map(([a, b]) => `a${a}${b}`),
          ),
          (text) => {
            if (!g.isValid(grammar, text)) return
            // A last dollar sign is no expansion, whoever reads it.
            expect(text).toMatch(grammar === g.UserName ? /^[A-Za-z0-9._-]+\$?$/ : /^[A-Za-z0-9._:+/-]+$/)
            expect(text).not.toMatch(/^[-.~+]/)
            expect(text.length).toBeLessThanOrEqual(253)
          },
        ),
        thousand,
      )
    },
  )

  it.each(Object.entries(textGrammars))('%s refuses 10 kB', (_, grammar) => {
    expect(g.isValid(grammar, 'a'.repeat(10_240))).toBe(false)
  })

  it.each(Object.entries(textGrammars))('%s refuses a value followed by a newline', (_, grammar) => {
    for (const text of ['anna\n', 'x86_64-linux\n', '0123abcd\n', `SHA256:${'a'.repeat(43)}\n`]) {
      expect(g.isValid(grammar, text)).toBe(false)
    }
  })
})

describe('a login name', () => {
  it.each(['easy', 'jane.doe', 'BuildUser', 'First.Last', '_apt', '0ad', 'wks-042$', 'a'.repeat(63)])(
    'may be %s',
    (name) => {
      expect(g.isValid(g.UserName, name)).toBe(true)
    },
  )

  it.each(['', '.', '..', '-jane', '.jane', '1000', '1000$', 'ja$ne', '$jane', 'jane$$', 'a'.repeat(65)])(
    'is never %j',
    (name) => {
      expect(g.isValid(g.UserName, name)).toBe(false)
    },
  )
})

describe('a host name', () => {
  it.each(['localhost', 'LOCALHOST', 'LocalHost.', 'localhost.'])('is never %s', (host) => {
    expect(g.isValid(g.HostName, host)).toBe(false)
  })

  it.each([
    'otto',
    'otto.lan',
    'otto.lan.',
    '10.0.0.7',
    '2001:db8::1',
    'fe80::1',
    'my_host',
    '::ffff:10.0.0.1',
  ])('may be %s', (host) => {
    expect(g.isValid(g.HostName, host)).toBe(true)
  })

  it.each([
    '',
    '.',
    '-otto',
    'otto-',
    'a..b',
    '[2001:db8::1]',
    'fe80::1%eth0',
    'otto:22',
    'user@otto',
    'a'.repeat(64),
  ])('is never %j', (host) => {
    expect(g.isValid(g.HostName, host)).toBe(false)
  })
})

describe('a number', () => {
  it.each([
    ['Port', g.Port, 65535],
    ['MaxJobs', g.MaxJobs, 1024],
    ['SpeedFactor', g.SpeedFactor, 1000],
  ] as const)('%s is whole, at least 1 and at most its limit', (_, grammar, limit) => {
    for (const value of [0, -1, 1.5, limit + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', undefined]) {
      expect(g.isValid(grammar, value)).toBe(false)
    }
    expect(g.isValid(grammar, 1)).toBe(true)
    expect(g.isValid(grammar, limit)).toBe(true)
  })
})

describe('a builder', () => {
  it('passes when all its parts do', () => {
    fc.assert(
      fc.property(builderSpec, (spec) => {
        expect(g.isValid(BuilderSpec, spec)).toBe(true)
      }),
      thousand,
    )
  })

  it('fails with a hostile value in any text field', () => {
    const textFields = ['id', 'host', 'user', 'protocol'] as const
    const bad = hostile.filter((text) => /[^A-Za-z0-9._:$-]|\$.|^-|^$|^\$/.test(text) || text.length > 253)
    fc.assert(
      fc.property(builderSpec, fc.constantFrom(...textFields), bad, (spec, field, text) => {
        expect(g.isValid(BuilderSpec, { ...spec, [field]: text })).toBe(false)
        expect(g.isValid(BuilderSpec, { ...spec, systems: [text] })).toBe(false)
        expect(g.isValid(BuilderSpec, { ...spec, supportedFeatures: [text] })).toBe(false)
      }),
      thousand,
    )
  })

  it('fails with a field that nobody knows', () => {
    fc.assert(
      fc.property(builderSpec, fc.string({ minLength: 1 }), (spec, name) => {
        fc.pre(!(name in BuilderSpec.entries) && name !== '__proto__')
        expect(g.isValid(BuilderSpec, { ...spec, [name]: 'x' })).toBe(false)
      }),
      thousand,
    )
  })
})
