import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareNixVersions,
  isAtLeast,
  isTooOld,
  type NixVersion,
  parseNixVersion,
  speedFactorFractions,
} from '../../../core/nix/nix-version'
import { hostile, thousand } from '../../fixtures/arbitraries'

const number = fc.nat({ max: 99 })
const version = fc.tuple(number, number, number)
const nix = (text: string): NixVersion => {
  const parsed = parseNixVersion(`nix (Nix) ${text}`)
  if (!parsed) throw new Error(text)
  return parsed
}

describe('a version', () => {
  it.each([
    ['nix (Nix) 2.8.0', { flavour: 'nix', major: 2, minor: 8, patch: 0, text: '2.8.0' }],
    ['nix-store (Nix) 2.3.18\n', { flavour: 'nix', major: 2, minor: 3, patch: 18, text: '2.3.18' }],
    [
      'nix (Nix) 2.36pre20260822_1a2b',
      { flavour: 'nix', major: 2, minor: 36, patch: 0, text: '2.36pre20260822_1a2b' },
    ],
    ['nix (Lix, like Nix) 2.93.0', { flavour: 'lix', major: 2, minor: 93, patch: 0, text: '2.93.0' }],
    [
      'nix (Determinate Nix 3.22.2) 2.35.2',
      { flavour: 'determinate', major: 2, minor: 35, patch: 2, text: '2.35.2', determinate: '3.22.2' },
    ],
  ])('%j is understood', (banner, wanted) => {
    expect(parseNixVersion(banner)).toEqual(wanted)
  })

  it.each(['', 'nix', '2.8.0', 'bash: nix: command not found', 'nix (Nix) two'])('%j is none', (banner) => {
    expect(parseNixVersion(banner)).toBeUndefined()
  })

  it('is read without a throw, whatever a machine prints', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        parseNixVersion(text)
        const parsed = parseNixVersion(`nix (Nix) 2.8${text}`)
        if (parsed) expect(parsed.text).toMatch(/^[A-Za-z0-9._+-]+$/)
      }),
      thousand,
    )
  })

  it('is ordered by its numbers', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = Math.sign(compareNixVersions(nix(a.join('.')), nix(b.join('.'))))
        const wanted = Math.sign(a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
        expect(order).toBe(wanted)
        expect(isAtLeast(nix(a.join('.')), ...b)).toBe(wanted >= 0)
      }),
      thousand,
    )
  })

  it('below 2.3 is too old', () => {
    expect([isTooOld(nix('2.2.2')), isTooOld(nix('2.3')), isTooOld(nix('1.11.16'))]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('from 2.20 on reads fractions of speed', () => {
    expect([speedFactorFractions(nix('2.19.9')), speedFactorFractions(nix('2.20.0'))]).toEqual([false, true])
  })
})
