import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxProbeBytes, parseProbe, probeProtocolVersion } from '../../../core/health/probe-line'

const words = {
  boot: 'a-b',
  up: '90',
  load1: '0.20',
  cpus: '8',
  cpuPsi: '',
  memPsi: '0.00',
  mem: '4096',
  memFree: '1024',
  store: '900',
  storeFree: '400',
  buildFree: '',
  nix: '2.8.0',
  builds: '0',
  clock: '1700000000',
  names: '',
}
const lineOf = (change: Partial<Record<keyof typeof words, string>> = {}) =>
  ['2', ...Object.entries({ ...words, ...change }).map(([name, value]) => `${name}=${value}`)].join(' ')

describe('a line of the probe', () => {
  it('leaves out what that machine does not tell', () => {
    const sample = parseProbe(lineOf({ nix: '', store: '', builds: '' }))
    expect(Object.keys(sample ?? {})).not.toEqual(
      expect.arrayContaining(['nixVersion', 'storeBytes', 'builds', 'cpuPressure']),
    )
  })

  it.each([
    ['another version', lineOf().replace('2 ', '3 ')],
    ['a value twice', `${lineOf()} load1=9`],
    ['no load', lineOf({ load1: '' })],
    ['no CPU', lineOf({ cpus: '0' })],
    ['a number that is none', lineOf({ mem: '0x10' })],
    ['a number beyond all machines', lineOf({ mem: '9'.repeat(20) })],
    ['a control character', lineOf({ boot: '\u0007' })],
    ['something else', `${lineOf()} rm`],
    ['too much', lineOf({ names: 'x'.repeat(maxProbeBytes) })],
  ])('is none with %s', (_, line) => {
    expect(parseProbe(line)).toBeUndefined()
  })

  it('has no more free space than there is space, and no clock beyond the year 9999', () => {
    expect(parseProbe(lineOf({ storeFree: '901' }))?.storeFreeBytes).toBe(900)
    expect(parseProbe(lineOf({ memFree: '4097' }))?.memoryFreeBytes).toBe(4096)
    expect(parseProbe(lineOf({ clock: '253402300800' }))?.clockSeconds).toBeUndefined()
  })

  it('names at most 64 builds, each as a store path may be named', () => {
    const names = Array.from({ length: 70 }, (_, at) => `hello-${at}`).join(',')
    expect(parseProbe(lineOf({ names }))?.buildNames).toHaveLength(64)
    expect(parseProbe(lineOf({ names: `a,,${'b'.repeat(300)}` }))?.buildNames).toEqual(['a'])
  })

  it('never throws and never answers a number that is not finite, whatever comes', () => {
    const field = fc.tuple(fc.constantFrom(...Object.keys(words)), fc.string({ maxLength: 30 }))
    const made = fc.array(field).map((fields) => ['2', ...fields.map((each) => each.join('='))].join(' '))
    const changed = fc.tuple(fc.nat(200), fc.string({ maxLength: 8 })).map(([at, text]) => {
      const line = lineOf()
      return line.slice(0, at) + text + line.slice(at + text.length)
    })
    fc.assert(
      fc.property(fc.oneof(fc.string(), made, changed), (line) => {
        const numbers = Object.values(parseProbe(line) ?? {}).filter((value) => typeof value === 'number')
        expect(numbers.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the first line of a probe', () => {
  it('names its version', () => {
    expect(probeProtocolVersion('millwright-probe 2')).toBe(2)
    expect(probeProtocolVersion('millwright-probe 1 boot=a')).toBe(1)
    expect(probeProtocolVersion('Welcome to anna!')).toBeUndefined()
  })
})
