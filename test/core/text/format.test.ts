import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { doingWords } from '../../../core/status/builder-words'
import { summarise, trayState } from '../../../core/status/summary'
import {
  formatAbout,
  formatAgo,
  formatBytes,
  formatDuration,
  formatElapsed,
  formatLatency,
  formatOffset,
  plural,
  type ShownState,
  stateWord,
} from '../../../core/text/format'
import { thousand } from '../../fixtures/arbitraries'

const states: readonly ShownState[] = [
  'ready',
  'building',
  'slow',
  'unproven',
  'unreachable',
  'refused',
  'paused',
  'suspended',
  'needs-you',
  'nix-broken',
  'disk-low',
]
const of = (...list: ShownState[]) => list.map((state) => ({ state }))

describe('a duration', () => {
  it.each([
    [0, '0.0 s'],
    [912, '0.9 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min 00 s'],
    [724_000, '12 min 04 s'],
    [3_600_000, '1 h 00 min'],
    [11_220_000, '3 h 07 min'],
    [190_800_000, '2 d 05 h'],
    [-5, '0.0 s'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('never shows 60 of anything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => {
        expect(formatDuration(ms)).not.toMatch(/\b60 (s|min)/)
      }),
      thousand,
    )
  })
})

describe('the other wordings of a time', () => {
  it.each([
    [formatElapsed(5_999), '5 s'],
    [formatElapsed(724_999), '12 min 04 s'],
    [formatElapsed(-5), '0 s'],
    [formatAbout(119_000), '1 min'],
    [formatAbout(47 * 3_600_000), '1 day'],
    [formatOffset(-90_000), '1 min 30 s behind'],
    [formatOffset(12_000), '12 s ahead'],
    [formatLatency(0.84), '0.8 ms'],
    [formatLatency(11.2), '11 ms'],
    [formatLatency(1_240), '1.2 s'],
  ])('reads %s', (said, text) => {
    expect(said).toBe(text)
  })
})

describe('a time past', () => {
  it.each([
    [0, 'just now'],
    [12_000, '12 s ago'],
    [61_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [86_400_000, '1 day ago'],
    [200_000_000, '2 days ago'],
    [-9, 'just now'],
  ])('%i ms ago reads %s', (ms, text) => {
    expect(formatAgo(ms)).toBe(text)
  })
})

describe('a size', () => {
  it.each([
    [0, '0.0 MiB'],
    [400_000, '0.4 MiB'],
    [340 * 2 ** 20, '340 MiB'],
    [1.5 * 2 ** 30, '1.5 GiB'],
    [2 ** 30 - 1, '1.0 GiB'],
    [2 ** 41, '2.0 TiB'],
  ])('of %d bytes reads %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('has at most four digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 50, noNaN: true }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^\d{1,4}(\.\d)? [MGT]iB$/)
      }),
      thousand,
    )
  })
})

describe('the status line', () => {
  it.each([
    [of(), 'No builders yet'],
    [of('ready'), '1 builder ready'],
    [of('ready', 'building'), 'All 2 builders ready'],
    [of('ready', 'building', 'slow'), '2 of 3 builders ready, 1 slow'],
    [of('slow'), 'Builder slow'],
    [of('ready', 'not-used'), '1 of 2 builders ready'],
    [of('not-used'), 'Builder not ready'],
    [of('ready', 'paused', 'ready'), '2 of 3 builders ready'],
    [of('paused'), 'Builder paused'],
    [of('paused', 'paused'), 'All 2 builders paused'],
    [of('suspended', 'unreachable'), 'All 2 builders unreachable'],
    [of('unreachable', 'unreachable'), 'All 2 builders unreachable'],
    [of('refused', 'paused'), 'None of 2 builders ready'],
  ])('for %j reads %s', (builders, text) => {
    expect(summarise(builders)).toBe(text)
  })

  it('ends with the builds that run', () => {
    expect(summarise(of('building', 'ready'), 4)).toBe('All 2 builders ready · 4 builds')
    expect(summarise(of('ready'), 1)).toBe('1 builder ready · 1 build')
  })
})

describe('the tray', () => {
  it.each([
    [of(), 0, 'none'],
    [of('ready', 'unreachable'), 0, 'idle'],
    [of('ready'), 2, 'building'],
    [of('ready', 'needs-you'), 2, 'attention'],
    [of('ready', 'nix-broken'), 2, 'attention'],
    [of('ready', 'disk-low'), 2, 'attention'],
    [of('slow'), 0, 'idle'],
    [of('unreachable', 'paused'), 0, 'unreachable'],
    [of('suspended', 'paused'), 0, 'unreachable'],
    [of('suspended', 'ready'), 0, 'idle'],
    [of('paused', 'paused'), 0, 'paused'],
    [of('unproven'), 0, 'idle'],
  ] as const)('for %j and %i builds is %s', (builders, builds, state) => {
    expect(trayState(builders, builds)).toBe(state)
  })
})

it('one that builds says how much, and a slow one that it is slow', () => {
  expect(doingWords({ state: 'building', runningBuilds: 2 }, 0)).toBe('building 2')
  expect(doingWords({ state: 'ready', runningBuilds: 2 }, 0)).toBe('building 2')
  expect(doingWords({ state: 'slow', runningBuilds: 2 }, 0)).toBe('slow')
})

it('every state has its own word', () => {
  expect(new Set(states.map(stateWord)).size).toBe(states.length)
})

it('one is singular, all else plural', () => {
  expect([
    plural(1, 'build'),
    plural(0, 'build'),
    plural(2, 'entry', 'entries'),
    plural(1234567, 'path'),
  ]).toEqual(['1 build', '0 builds', '2 entries', '1,234,567 paths'])
})
