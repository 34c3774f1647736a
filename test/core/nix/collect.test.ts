import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxCollectLineBytes, parseCollectLine } from '../../../core/nix/collect'
import { hostile, thousand } from '../../fixtures/arbitraries'

const count = fc.nat(2_000_000_000)
const bytes = fc.integer({ min: 0, max: 999_999_999_999_999 })
const line = (paths: number, size: number, isDone: boolean) =>
  `millwright-collect 1 paths=${paths} bytes=${size}${isDone ? ' done' : ''}`

describe('what the script that frees space prints', () => {
  it('is read as it was meant', () => {
    fc.assert(
      fc.property(count, bytes, fc.boolean(), (paths, size, isDone) => {
        const text = line(paths, size, isDone)
        expect(parseCollectLine(text)).toEqual({ paths, bytes: size, isDone })
        expect(text.length).toBeLessThan(maxCollectLineBytes)
      }),
      thousand,
    )
  })

  it('is nothing with anything before, after or in it', () => {
    fc.assert(
      fc.property(hostile, fc.nat(48), (text, at) => {
        fc.pre(!/^\d*$/.test(text))
        const whole = line(1204, 3_435_973_837, true)
        expect(parseCollectLine(whole.slice(0, at) + text + whole.slice(at))).toBeUndefined()
      }),
      thousand,
    )
  })

  it.each([
    'millwright-collect 2 paths=1 bytes=1 done',
    'millwright-collect 1 paths=-1 bytes=1',
    'millwright-collect 1 paths=1e9 bytes=1',
    'millwright-collect 1 paths= bytes=',
    `millwright-collect 1 paths=1 bytes=${'9'.repeat(16)}`,
    'millwright-collect 1 paths=1 bytes=1 done\n',
    '',
  ])('is never %j', (text) => {
    expect(parseCollectLine(text)).toBeUndefined()
  })
})
