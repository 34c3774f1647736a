import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FinishedBuild } from '../../../contract/builds'
import type { HealthState } from '../../../contract/health'
import { defaultPreferences } from '../../../contract/preferences'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import {
  foldNotices,
  initialNotices,
  type Moment,
  type NotifierState,
} from '../../../core/notifications/fold'
import type { Notice } from '../../../core/notifications/words'
import { aBuilder } from '../../fixtures/builder'
import { aSnapshot } from '../../fixtures/snapshot'

const startedMs = Date.parse('2026-03-04T14:00:00Z')

/** A builder that is watched, and on. */
function watched(id: string, state: HealthState): BuilderView {
  const codes = {
    unreachable: 'UNREACHABLE',
    refused: 'HOST_KEY_CHANGED',
    'disk-low': 'REMOTE_DISK_LOW',
  } as const
  const code = state in codes ? codes[state as keyof typeof codes] : undefined
  const failure = code && { failure: { code, facts: { host: '10.0.0.7', free: '2.1 GiB' } } }
  return aBuilder(id, { state, health: { state, since: '', trend: [], ...failure }, ...failure })
}

/** Somebody at a desk for a while: what they saw happen, second by second, and what they were told when. */
function desk(part: Partial<Moment> = {}, preferences = defaultPreferences) {
  let told: NotifierState = initialNotices
  let seconds = 0
  let moment = part
  let finished: readonly FinishedBuild[] = []
  let builders: readonly BuilderView[] = []
  const heard: { readonly atS: number; readonly notice: Notice }[] = []
  const look = () => {
    const seen: Pick<Snapshot, 'builders' | 'builds' | 'preferences'> = {
      ...aSnapshot({ builders, preferences }),
      builds: { feed: 'locks', running: [], finished },
    }
    const at = { awakeMs: seconds * 1000, startedMs, isLocked: false, user: 'dev', ...moment }
    const found = foldNotices(told, seen, at)
    told = found.state
    heard.push(...found.notices.map((notice) => ({ atS: seconds, notice })))
    return found
  }
  return {
    heard,
    look,
    titles: () => heard.map(({ atS, notice }) => `${atS} s: ${notice.title}`),
    sees: (...now: readonly BuilderView[]) => {
      builders = now
      look()
    },
    finish: (...builds: readonly FinishedBuild[]) => {
      finished = builds
      look()
    },
    lock: (isLocked: boolean) => {
      moment = { ...moment, isLocked }
      look()
    },
    /** Time passes, and nobody looks but at its end. */
    skip: (s: number) => {
      seconds += s
      look()
    },
    pass: (s: number) => {
      for (let second = 0; second < s; second++) {
        seconds++
        look()
      }
    },
  }
}

describe('what the person is told', () => {
  it('is that a builder is lost once that has lasted 20 s, and that it is back after 10 s', () => {
    const { sees, pass, titles, heard } = desk()
    sees(watched('otto', 'ready'), watched('anna', 'ready'))
    pass(60)
    sees(watched('otto', 'unreachable'), watched('anna', 'building'))
    pass(60)
    sees(watched('otto', 'ready'), watched('anna', 'ready'))
    pass(60)
    expect(titles()).toEqual(['80 s: otto does not answer', '130 s: otto is back'])
    expect(heard[0]?.notice).toMatchObject({ about: ['otto'], navigation: { to: 'builder', id: 'otto' } })
  })

  it('is nothing of what was so when the app started', () => {
    const { sees, pass, heard } = desk()
    sees(aBuilder('otto')) // Not looked at yet.
    pass(5)
    sees(watched('otto', 'unreachable'), watched('anna', 'disk-low'))
    pass(300)
    sees(watched('otto', 'ready'), watched('anna', 'ready')) // Now the network is there.
    pass(300)
    expect(heard).toEqual([])
  })

  it('is nothing, with a builder that is back, of another that the app has just found', () => {
    const { sees, pass, titles } = desk()
    sees(watched('anna', 'ready'), watched('otto', 'unreachable'))
    sees(watched('anna', 'unreachable'), watched('otto', 'unreachable'))
    pass(40)
    sees(watched('anna', 'ready'), watched('otto', 'ready'))
    pass(40)
    expect(titles()).toEqual(['20 s: anna does not answer', '50 s: anna is back'])
  })

  it('is of a loss also when the builder comes to need the person meanwhile, and of none that only needs them', () => {
    const { sees, pass, titles } = desk()
    const needing = (id: string) => aBuilder(id, { state: 'needs-you' })
    sees(watched('anna', 'ready'), watched('otto', 'ready'))
    sees(watched('anna', 'ready'), watched('otto', 'unreachable'))
    pass(15)
    sees(needing('anna'), needing('otto'))
    pass(60)
    expect(titles()).toEqual(['20 s: otto does not answer'])
  })

  it.each(['unproven', 'not-used', 'needs-you', 'ready'] as const)(
    'is of a loss in time also when it is %s for a moment, of which nothing follows',
    (state) => {
      const { sees, pass, titles } = desk()
      sees(watched('otto', 'ready'))
      sees(watched('otto', 'unreachable'))
      for (let time = 0; time < 4; time++) {
        pass(4)
        sees(aBuilder('otto', { state }))
        pass(1)
        sees(watched('otto', 'unreachable'))
      }
      pass(60)
      expect(titles()).toEqual(['20 s: otto does not answer'])
    },
  )

  it('is of no loss while nothing is known, and counts anew after long', () => {
    const { sees, pass, titles } = desk()
    sees(watched('otto', 'ready'))
    sees(watched('otto', 'unreachable'))
    pass(15)
    sees(aBuilder('otto', { state: 'unproven' }))
    pass(600)
    expect(titles()).toEqual([])
    sees(watched('otto', 'unreachable'))
    pass(60)
    expect(titles()).toEqual(['635 s: otto does not answer'])
  })

  it.each([
    ['pauses it', () => [aBuilder('otto', { state: 'paused', enabled: false })]],
    ['removes it', () => []],
    ['has it back', () => [watched('otto', 'ready')]],
  ] as const)('is of no loss, and no more of one from before, once the person %s', (_, then) => {
    const { sees, pass, titles } = desk()
    sees(watched('otto', 'ready'), watched('anna', 'ready'))
    sees(watched('otto', 'unreachable'), watched('anna', 'ready'))
    pass(15)
    sees(...then(), watched('anna', 'ready'))
    pass(1)
    sees(watched('otto', 'unreachable'), watched('anna', 'ready'))
    pass(15)
    sees(...then(), watched('anna', 'ready'))
    pass(60)
    expect(titles()).toEqual([])
  })

  it('is of a loss also when Nix does not use it meanwhile, in the words of the loss', () => {
    const { sees, pass, heard } = desk()
    const failure = { code: 'NIX_LINE_LOST', facts: { builder: 'otto', where: '/etc/nix/nix.conf' } }
    sees(watched('otto', 'ready'))
    sees({ ...watched('otto', 'unreachable'), state: 'not-used', failure })
    pass(60)
    expect(heard.map(({ notice: { title, body } }) => ({ title, body }))).toEqual([
      { title: 'otto does not answer', body: expect.not.stringContaining('nix.conf') },
    ])
  })

  it('names no paused builder with another that is lost a moment later', () => {
    const { sees, pass, heard } = desk()
    sees(watched('anna', 'ready'), watched('otto', 'ready'))
    sees(watched('anna', 'unreachable'), watched('otto', 'ready'))
    pass(25)
    sees(aBuilder('anna', { state: 'paused', enabled: false }), watched('otto', 'unreachable'))
    pass(25)
    expect(heard.map(({ notice }) => notice.about)).toEqual([['anna'], ['otto']])
  })

  it('is nothing of a loss that does not last', () => {
    const { sees, pass, heard } = desk()
    sees(watched('otto', 'ready'))
    for (let time = 0; time < 10; time++) {
      sees(watched('otto', 'unreachable'))
      pass(15)
      sees(watched('otto', 'ready'))
      pass(15)
    }
    expect(heard).toEqual([])
  })

  it('is one thing when the network goes, and one when it comes back', () => {
    const all = [...Array(500).keys()].map((n) => `b${n}`)
    const { sees, pass, titles, heard } = desk()
    sees(...all.map((id) => watched(id, 'ready')))
    for (let lost = 0; lost <= 500; lost += 50) {
      sees(...all.map((id, index) => watched(id, index < lost ? 'unreachable' : 'ready')))
      pass(1)
    }
    pass(60)
    expect(titles()).toEqual(['30 s: 500 builders do not answer'])
    expect(heard[0]?.notice.body).toBe('b0, b1, b2 and 497 more. Is this computer’s network gone?')
    sees(...all.map((id) => watched(id, 'ready')))
    pass(60)
    expect(titles().at(-1)).toMatch(/: 500 builders are back$/)
    expect(heard).toHaveLength(2)
  })

  it('is one thing of losses shortly after each other, the later in place of the earlier', () => {
    const { sees, pass, heard } = desk()
    sees(watched('anna', 'ready'), watched('otto', 'ready'))
    sees(watched('anna', 'unreachable'), watched('otto', 'ready'))
    pass(40)
    sees(watched('anna', 'unreachable'), watched('otto', 'unreachable'))
    pass(40)
    expect(heard.map(({ notice }) => notice.about)).toEqual([['anna'], ['anna', 'otto']])
  })

  it('is at once that a host key changed', () => {
    const { sees, titles } = desk()
    sees(watched('otto', 'ready'))
    sees(watched('otto', 'refused'))
    expect(titles()).toEqual(['0 s: otto shows another host key'])
  })

  it('is that a disk is low after a minute', () => {
    const { sees, pass, titles } = desk()
    sees(watched('otto', 'ready'))
    sees(watched('otto', 'disk-low'))
    pass(70)
    expect(titles()).toEqual(['60 s: otto has 2.1 GiB of space left'])
  })

  it('is nothing of a builder that the person pauses, and nothing of one that is removed', () => {
    const { sees, pass, heard } = desk()
    sees(watched('otto', 'ready'))
    sees(aBuilder('otto', { state: 'paused', enabled: false }))
    pass(60)
    sees()
    pass(60)
    expect(heard).toEqual([])
  })

  it('waits at a locked screen, and afterwards is what is still true', () => {
    const { sees, pass, lock, titles } = desk()
    sees(watched('anna', 'ready'), watched('otto', 'ready'))
    lock(true)
    sees(watched('anna', 'unreachable'), watched('otto', 'unreachable'))
    pass(100)
    sees(watched('anna', 'unreachable'), watched('otto', 'ready'))
    pass(100)
    expect(titles()).toEqual([])
    lock(false)
    expect(titles()).toEqual(['200 s: anna does not answer'])
  })

  it('is only what the person wants to hear', () => {
    const off = { ...defaultPreferences.notifications, lost: false }
    const { sees, pass, heard } = desk({}, { ...defaultPreferences, notifications: off })
    sees(watched('otto', 'ready'))
    sees(watched('otto', 'unreachable'))
    pass(60)
    expect(heard).toEqual([])
  })

  const build = (id: string, minutes: number, part: Partial<FinishedBuild> = {}): FinishedBuild => ({
    id,
    name: `${id}-1.0`,
    startedAt: new Date(startedMs).toISOString(),
    durationMs: minutes * 60_000,
    outcome: 'built',
    ...part,
  })

  it('is that a long build of theirs has ended, once', () => {
    const { finish, pass, heard } = desk()
    const long = build('firefox', 23, { builder: 'otto', user: 'dev' })
    const others = [build('hello', 1), build('chromium', 60, { user: 'eve' })]
    finish(build('llvm', 30, { startedAt: '2026-03-04T13:00:00Z' }), ...others)
    finish(long, ...others)
    pass(5)
    expect(heard.map(({ notice }) => notice)).toEqual([
      {
        kind: 'long-build',
        about: ['builds'],
        title: 'firefox-1.0 is built',
        body: 'It took 23 min 00 s on otto.',
        navigation: { to: 'builds' },
      },
    ])
  })

  it('is after a locked screen how many long builds ended meanwhile', () => {
    const { finish, lock, titles } = desk()
    lock(true)
    finish(build('firefox', 23))
    finish(build('llvm', 30), build('firefox', 23))
    lock(false)
    expect(titles()).toEqual(['0 s: 2 long builds have ended'])
  })

  const states = fc.constantFrom<HealthState>(
    'ready',
    'building',
    'slow',
    'unreachable',
    'refused',
    'disk-low',
  )
  const days = fc.array(
    fc.record({ otto: states, anna: states, forS: fc.integer({ min: 1, max: 50 }), locked: fc.boolean() }),
    { maxLength: 20 },
  )

  it('never repeats itself, and says of every loss that stays that it is so', () => {
    fc.assert(
      fc.property(days, (day) => {
        const { sees, pass, lock, heard } = desk()
        sees(watched('otto', 'ready'), watched('anna', 'ready'))
        for (const { otto, anna, forS, locked } of day) {
          lock(locked)
          sees(watched('otto', otto), watched('anna', anna))
          pass(forS)
        }
        lock(false)
        pass(120)
        for (const id of ['otto', 'anna'] as const) {
          const reach = heard.flatMap(({ notice: { kind, about } }) =>
            about.includes(id) && ['lost', 'back', 'host-key'].includes(kind) ? [kind] : [],
          )
          const last = day.at(-1)?.[id] ?? 'ready'
          const expected = last === 'unreachable' ? 'lost' : last === 'refused' ? 'host-key' : 'back'
          expect(reach.at(-1) ?? 'back').toBe(expected)
        }
        const [first, ...rest] = heard.map(({ notice }) => `${notice.kind} ${notice.about}`)
        for (const [index, one] of rest.entries()) expect(one).not.toBe([first, ...rest][index])
      }),
      { numRuns: 300 },
    )
  })

  it('is the same whether one looks each second or only when told to', () => {
    fc.assert(
      fc.property(days, (day) => {
        const often = desk()
        const seldom = desk()
        let now = 0
        for (const { otto, anna, forS } of [...day, { otto: 'ready', anna: 'ready', forS: 50 } as const]) {
          const seen = [watched('otto', otto), watched('anna', anna)]
          often.sees(...seen)
          often.pass(forS)
          seldom.sees(...seen)
          let left = forS * 1000
          while (left > 0) {
            const againMs = Math.max(1000, Math.min(left, seldom.look().againMs ?? left))
            seldom.skip(againMs / 1000)
            left -= againMs
          }
          now += forS
        }
        expect({ now, heard: seldom.titles() }).toEqual({ now, heard: often.titles() })
      }),
      { numRuns: 200 },
    )
  })
})
