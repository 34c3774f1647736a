import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../../contract/failure'
import type { Sample } from '../../../contract/health'
import { foldHealth, foldWithLastProof, newHealth } from '../../../core/health/fold'
import type { Health, HealthEvent } from '../../../core/health/health'
import { mergeHealth } from '../../../core/health/merge-health'
import { noTrend } from '../../../core/health/series-ring'
import { healthView } from '../../../core/health/view'
import { thousand } from '../../fixtures/arbitraries'
import { aBuilder } from '../../fixtures/builder'

const gib = 2 ** 30
const facts = { builder: 'anna', host: 'anna.lan' }
const usual: Sample = {
  atMs: 0,
  latencyMs: 3,
  bootId: 'boot-1',
  load1: 0.5,
  cpus: 4,
  memoryBytes: 8 * gib,
  memoryFreeBytes: 6 * gib,
  storeBytes: 200 * gib,
  storeFreeBytes: 100 * gib,
  nixVersion: '2.8.0',
  builds: 0,
  buildNames: [],
  clockOffsetMs: 300,
}
const sample = (part: Partial<Sample> = {}): HealthEvent => ({
  kind: 'sample',
  sample: { ...usual, ...part },
})
const { nixVersion: _, ...nixless } = usual
const withoutNix: HealthEvent = { kind: 'sample', sample: nixless }
const failure = (code: Failure['code']): Failure => ({ code, facts })
const lost = (code: Failure['code']): HealthEvent => ({ kind: 'lost', failure: failure(code) })
const passed = (revision = 0): HealthEvent => ({ kind: 'handshake', revision })
const broken = (code: Failure['code'], revision = 0): HealthEvent => ({
  kind: 'handshake',
  revision,
  failure: failure(code),
})

/** Plays events a second apart. */
function play(
  events: readonly HealthEvent[],
  from: Health = newHealth(facts, 0, 0),
  startMs = 1_000,
): Health {
  return events.reduce((health, event, at) => foldHealth(health, event, startMs + at * 1_000), from)
}
const proven = play([sample(), passed()])
const stateAfter = (...events: HealthEvent[]) => play(events, proven, 3_000).state
const failureAfter = (...events: HealthEvent[]) => play(events, proven, 3_000).failure

describe('how a watched builder does', () => {
  it('is ready once root’s handshake has passed, and by its last proof until the first one is through', () => {
    expect(newHealth(facts, undefined, 0).state).toBe('unproven')
    expect(play([sample()], newHealth(facts, undefined, 0)).state).toBe('unproven')
    expect(play([sample()]).state).toBe('ready')
    expect(play([sample(), passed()], newHealth(facts, undefined, 0)).state).toBe('ready')
  })

  it.each([
    ['UNREACHABLE', 'unreachable'],
    ['NAME_NOT_FOUND', 'unreachable'],
    ['CONNECTION_REFUSED', 'unreachable'],
    ['CONNECTION_LOST', 'unreachable'],
    ['TIMED_OUT', 'unreachable'],
    ['HOST_KEY_CHANGED', 'refused'],
    ['LOGIN_REFUSED', 'refused'],
    ['PROTOCOL_MISMATCH', 'refused'],
    ['REMOTE_SCRIPTS_OUTDATED', 'needs-you'],
  ] as const)('says of a probe that failed with %s: %s', (code, state) => {
    const after = play([lost(code)], proven, 3_000)
    expect(after).toMatchObject({ state, failure: { code }, sinceMs: 3_000 })
  })

  it.each([
    ['PING_FAILED', 'nix-broken'],
    ['PROTOCOL_MISMATCH', 'nix-broken'],
    ['LOGIN_REFUSED', 'refused'],
    ['UNREACHABLE', 'unreachable'],
    ['REMOTE_USER_NOT_TRUSTED', 'needs-you'],
  ] as const)('says of a handshake that failed with %s: %s, until one passes', (code, state) => {
    expect(stateAfter(broken(code))).toBe(state)
    expect(stateAfter(broken(code), sample())).toBe(state)
    expect(stateAfter(broken(code), sample(), passed())).toBe('ready')
  })

  it('is ready again with the first answer after a loss that changed nothing', () => {
    expect(stateAfter(lost('CONNECTION_LOST'), sample())).toBe('ready')
  })

  it.each([
    ['a restart of that machine', sample({ bootId: 'boot-2' })],
    ['another Nix', sample({ nixVersion: '2.9.0' })],
    ['a change of root’s files', { kind: 'changed' } as const],
  ])('is not green after %s until a handshake passes that began after it', (_what, change) => {
    const after = play([change], proven, 3_000)
    expect(after).toMatchObject({ state: 'unproven', handshake: { isDue: true } })
    expect(play([passed(0)], after, 4_000).state).toBe('unproven')
    expect(play([passed(after.handshake.revision)], after, 4_000).state).toBe('ready')
  })

  it('says that Nix is gone when its version is, unless a handshake proves the contrary', () => {
    expect(failureAfter(withoutNix)).toEqual({ code: 'REMOTE_NIX_GONE', facts })
    expect(stateAfter(withoutNix)).toBe('nix-broken')
    expect(stateAfter(withoutNix, broken('PING_FAILED', 1))).toBe('nix-broken')
    expect(failureAfter(withoutNix, broken('PING_FAILED', 1))?.code).toBe('REMOTE_NIX_GONE')
    expect(stateAfter(withoutNix, passed(1), withoutNix)).toBe('ready')
    expect(stateAfter(withoutNix, sample())).toBe('unproven')
    expect(play([withoutNix]).state).toBe('nix-broken')
  })

  it('builds while slots are taken, and is not slow for it', () => {
    const slots = (count: number): HealthEvent => ({ kind: 'slots', slots: count })
    expect(stateAfter(slots(2))).toBe('building')
    expect(stateAfter(slots(2), slots(0))).toBe('ready')
    const busy = Array.from({ length: 100 }, () => sample({ load1: 30 }))
    expect(stateAfter(slots(2), ...busy)).toBe('building')
  })

  it('is slow after a minute of foreign load, and no longer after half a minute of calm', () => {
    const busy = (count: number) => Array.from({ length: count }, () => sample({ load1: 12.34 }))
    const calm = (count: number) => Array.from({ length: count }, () => sample())
    expect(stateAfter(...busy(60))).toBe('ready')
    expect(stateAfter(...busy(61))).toBe('slow')
    expect(failureAfter(...busy(61))).toEqual({
      code: 'REMOTE_OVERLOADED',
      facts: { ...facts, load: '12', cpus: '4' },
    })
    expect(stateAfter(...busy(61), ...calm(30))).toBe('slow')
    expect(stateAfter(...busy(61), ...calm(31))).toBe('ready')
    expect(stateAfter(...busy(30), ...calm(1), ...busy(40))).toBe('ready')
  })

  it('is slow when it answers late for a minute', () => {
    const late = Array.from({ length: 61 }, () => sample({ latencyMs: 1_700 }))
    expect(failureAfter(...late)).toEqual({
      code: 'REMOTE_OVERLOADED',
      facts: { ...facts, latency: '1.5 s' },
    })
  })

  it('is low on disk until clearly more is free again, and says when the disk is full', () => {
    const free = (gibs: number) => sample({ storeFreeBytes: gibs * gib })
    expect(stateAfter(free(4.9))).toBe('disk-low')
    expect(failureAfter(free(4.9))?.facts.free).toBe('4.9 GiB')
    expect(stateAfter(free(4.9), free(5.5))).toBe('disk-low')
    expect(stateAfter(free(4.9), free(6.5))).toBe('ready')
    const filling = Array.from({ length: 20 }, (_, minute) => free(4.9 - minute * 0.05))
    const full = filling.reduce((health, event, minute) => foldHealth(health, event, minute * 60_000), proven)
    expect(full.failure?.facts.fullIn).toBe('1 h')
    expect(healthView(full, noTrend).fullInMs).toBe(79 * 60_000)
  })

  it('needs the person while the clock there is more than a minute off', () => {
    const off = (seconds: number) => sample({ clockOffsetMs: seconds * 1_000 })
    expect(stateAfter(off(59))).toBe('ready')
    expect(stateAfter(off(61))).toBe('needs-you')
    expect(stateAfter(off(61), off(50))).toBe('needs-you')
    expect(stateAfter(off(61), off(40))).toBe('ready')
    expect(failureAfter(off(7_800))?.facts.offset).toBe('2 h 10 min ahead')
    expect(failureAfter(off(-7_800))?.facts.offset).toBe('2 h 10 min behind')
  })

  it('says that it needs the person, not that it refuses, when it builds but cannot be watched', () => {
    expect(stateAfter(lost('LOGIN_REFUSED'), passed())).toBe('needs-you')
    expect(stateAfter(lost('LOGIN_REFUSED'), broken('LOGIN_REFUSED'))).toBe('refused')
  })

  it('says what makes the rest unknowable first, then what stops builds, then what spoils them', () => {
    const all = [withoutNix, sample({ storeFreeBytes: 0, clockOffsetMs: 1e6 })] as const
    expect(stateAfter(...all)).toBe('disk-low')
    expect(stateAfter(...all, lost('TIMED_OUT'))).toBe('unreachable')
    expect(stateAfter(sample({ clockOffsetMs: 1e6, bootId: 'other' }))).toBe('needs-you')
  })
})

describe('health as it is shown', () => {
  it('is the same object while a person could see no difference, and tells its age right', () => {
    const before = healthView(proven, noTrend)
    const alike = foldHealth(
      proven,
      sample({ atMs: 5_000, load1: 0.51, memoryFreeBytes: 6 * gib - 9 }),
      5_000,
    )
    expect(healthView(alike, noTrend, before)).toBe(before)
    const old = foldHealth(proven, sample({ atMs: 31_000 }), 5_000)
    expect(healthView(old, noTrend, before)).not.toBe(before)
    const busier = foldHealth(proven, sample({ load1: 1.5 }), 5_000)
    expect(healthView(busier, noTrend, before).sample?.load1).toBe(1.5)
  })

  it('is another one when the load of late is', () => {
    const before = healthView(proven, noTrend)
    const trend = [...noTrend.slice(1), 0.5]
    expect(healthView(proven, trend, before).trend).toEqual(trend)
  })

  it('yields to what root’s files and the person decided', () => {
    const view = healthView(play([lost('TIMED_OUT')], proven), noTrend)
    const builder = aBuilder('anna', { state: 'ready' })
    expect(mergeHealth(builder, view)).toMatchObject({ state: 'unreachable', failure: { code: 'TIMED_OUT' } })
    expect(mergeHealth({ ...builder, state: 'paused' }, view).state).toBe('paused')
  })
})

describe('health by the last proof, where nobody makes handshakes', () => {
  const watched = (provenAtMs: number | undefined, ...events: HealthEvent[]) =>
    events.reduce(
      (health, event, at) => foldWithLastProof(health, event, provenAtMs, 3_000 + at),
      newHealth(facts, undefined, 0),
    )

  it.each([
    ['another start of that machine', sample({ bootId: 'boot-2' })],
    ['another Nix', sample({ nixVersion: '2.9.0' })],
    ['a change of root’s files', { kind: 'changed' } as const],
  ])('stays ready after %s', (_what, change) => {
    expect(watched(1_000, sample(), change)).toMatchObject({
      state: 'ready',
      handshake: { passedAtMs: 1_000 },
    })
  })

  it('is as the files say as soon as they do', () => {
    const unproven = watched(undefined, sample())
    expect(unproven.state).toBe('unproven')
    expect(foldWithLastProof(unproven, passed(7), 4_000, 4_000)).toMatchObject({
      state: 'ready',
      handshake: { passedAtMs: 4_000 },
    })
    expect(foldWithLastProof(unproven, passed(0), undefined, 4_000).state).toBe('unproven')
  })

  it('is lost and back by its probes alone, also after its key was refused', () => {
    expect(watched(1_000, sample(), lost('LOGIN_REFUSED')).state).toBe('refused')
    expect(watched(1_000, lost('LOGIN_REFUSED'), { kind: 'changed' }).state).toBe('refused')
    expect(watched(1_000, sample(), lost('LOGIN_REFUSED'), sample()).state).toBe('ready')
  })

  it('says that Nix is gone when its version is', () => {
    expect(watched(1_000, withoutNix).state).toBe('nix-broken')
  })
})

const anySample: fc.Arbitrary<HealthEvent> = fc
  .record(
    {
      latencyMs: fc.nat(3_000),
      bootId: fc.constantFrom('boot-1', 'boot-2'),
      nixVersion: fc.constantFrom('2.8.0', '2.9.0', undefined),
      load1: fc.constantFrom(0, 1, 50),
      cpus: fc.constantFrom(0, 4),
      storeFreeBytes: fc.constantFrom(0, gib, 100 * gib),
      clockOffsetMs: fc.constantFrom(0, 1e6, -1e6),
    },
    { requiredKeys: [] },
  )
  .map((part) => ({ kind: 'sample', sample: { ...usual, ...part } as Sample }))
const code = fc.constantFrom<Failure['code']>(
  'TIMED_OUT',
  'LOGIN_REFUSED',
  'PING_FAILED',
  'UNEXPECTED',
  'PROTOCOL_MISMATCH',
)
const anyEvent: fc.Arbitrary<HealthEvent> = fc.oneof(
  anySample,
  code.map(lost),
  fc.tuple(code, fc.nat(4)).map(([why, revision]) => broken(why, revision)),
  fc.nat(4).map(passed),
  fc.nat(2).map((slots) => ({ kind: 'slots' as const, slots })),
  fc.constant({ kind: 'changed' as const }),
)
const anyStory = fc.array(fc.tuple(anyEvent, fc.nat(2_000_000)), { maxLength: 60 })

describe('health, whatever happens and however the clock jumps', () => {
  const through = (
    story: readonly (readonly [HealthEvent, number])[],
    check: (health: Health, nowMs: number, event: HealthEvent) => void,
  ) => {
    let health = newHealth(facts, undefined, 0)
    for (const [event, nowMs] of story) {
      health = foldHealth(health, event, nowMs)
      check(health, nowMs, event)
    }
  }

  it('never began in the future, and has a failure unless it is ready, building or unproven', () => {
    fc.assert(
      fc.property(anyStory, (story) =>
        through(story, (health, nowMs) => {
          const { since, state, failure: why } = healthView(health, noTrend)
          expect(Date.parse(since)).toBeLessThanOrEqual(nowMs)
          expect(why === undefined).toBe(['ready', 'building', 'unproven'].includes(state))
        }),
      ),
      thousand,
    )
  })

  it('is never green without a handshake that passed since the last change', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        let isProven = false
        let before = newHealth(facts, undefined, 0)
        through(story, (health, _nowMs, event) => {
          const counts = event.kind === 'handshake' && event.revision === before.handshake.revision
          if (counts) isProven = event.failure === undefined
          if (health.handshake.revision !== before.handshake.revision) isProven = false
          if (['ready', 'building', 'slow'].includes(health.state)) expect(isProven).toBe(true)
          before = health
        })
      }),
      thousand,
    )
  })

  it('remembers no more than its forecast looks at', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { maxLength: 400 }), (times) => {
        const health = times.reduce((known, nowMs) => foldHealth(known, sample(), nowMs), proven)
        expect(health.space.length).toBeLessThanOrEqual(180)
      }),
      thousand,
    )
  })
})
