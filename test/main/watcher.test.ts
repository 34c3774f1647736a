import { afterEach, describe, expect, it } from 'vitest'
import type { FinishedBuild } from '../../contract/builds'
import { noTrend } from '../../core/health/series-ring'
import type { ToldHealth } from '../../core/health/told'
import type { ObservedBuild } from '../../main/ports/builds'
import type { Ports } from '../../main/ports/ports'
import { createSlotCounter } from '../../main/slot-counter'
import { createStore } from '../../main/store'
import { createWatcher, createWatchPolicy, type Watcher } from '../../main/watcher'
import { keptLog } from '../fakes/kept-log'
import { untouchable } from '../fakes/untouchable'
import { virtualTime } from '../fakes/virtual-time'
import { aBuilder } from '../fixtures/builder'
import { aSample } from '../fixtures/health'
import { emptyState } from '../fixtures/state'

const earlier: FinishedBuild = {
  ...{
    id: '1',
    name: 'zlib-1.3',
    startedAt: '2026-11-23T00:00:00.000Z',
    durationMs: 9_000,
    outcome: 'built',
  },
}
const running: ObservedBuild = {
  ...{
    id: '2',
    name: 'hello-2.12',
    startedAt: '2026-11-24T00:00:00.000Z',
    activity: 'building',
    logTail: [],
  },
}

interface Circumstances {
  readonly hasPolicy: boolean
  readonly only?: string
  /** What an app beside says. */
  readonly told?: Readonly<Record<string, ToldHealth>>
}

/** Watches two builders, and says what was written. */
function open({ hasPolicy, only, told = {} }: Circumstances) {
  const time = virtualTime()
  const written: string[] = []
  let builds: readonly ObservedBuild[] = [running]
  const asked: string[] = []
  /** Whose own lists of builds were known when builds were last observed. */
  let known: readonly string[] = []
  const ports: Ports = {
    ...{ ssh: untouchable(), local: untouchable(), userConf: untouchable(), collect: untouchable() },
    ...{ preferences: untouchable(), autostart: untouchable(), scripts: untouchable() },
    ...{ makeKeyPair: () => expect.fail('a key was made'), fingerprint: () => '' },
    ...{ readsAsPrivateKey: () => true, log: keptLog() },
    told: { ...untouchable(), read: async () => told },
    ...{ clock: time.clock, jitteredSleep: time.jitteredSleep, onWake: () => () => undefined },
    helper: hasPolicy
      ? {
          inspect: async () => ({ state: 'ready', way: 'root', installCommand: '' }),
          install: async () => undefined,
          status: () => expect.fail('root’s state was read'),
          daemon: async () => undefined,
          call: async () => expect.fail('root was called'),
        }
      : untouchable(),
    records: hasPolicy ? { ...untouchable(), switchNotes: async () => [] } : untouchable(),
    keychain: { ...untouchable(), get: async () => 'key' },
    slots: {
      taken: async () => new Map([['ssh-ng:__millwright-otto', 1]]),
      onLetGo: () => () => undefined,
    },
    builds: {
      observe: async (lists) => {
        known = [...lists.keys()]
        return { feed: 'locks', running: builds, ended: [] }
      },
      close: () => undefined,
    },
    finishedBuilds: {
      read: async () => [earlier],
      write: async () => void written.push('builds'),
    },
    series: {
      ...untouchable(),
      add: (id) => void written.push(id),
      trend: () => noTrend,
    },
    monitor: {
      connect: async ({ id }) => {
        asked.push(id)
        return {
          ended: new Promise(() => undefined),
          probe: async () => aSample({ atMs: time.nowMs() }),
          close: () => undefined,
        }
      },
    },
  }
  const store = createStore({
    ...{ ...emptyState, builders: [aBuilder('anna'), aBuilder('otto')] },
    helper: { state: 'ready', way: 'none', warnings: [], installCommand: '' },
  })
  watcher = createWatcher({
    ...{ ports, store, countSlots: createSlotCounter(ports.slots, store) },
    ...(hasPolicy ? { policy: createWatchPolicy(store, async () => undefined) } : {}),
    ...(only === undefined ? {} : { only }),
  })
  const end = async () => {
    builds = []
    await time.pass(20_000)
    watcher?.close()
    await time.pass(1_000)
  }
  return { store, written, asked, known: () => known, time, watcher, end }
}

let watcher: Watcher | undefined
afterEach(() => watcher?.close())

describe('the one watcher', () => {
  it('of the app keeps samples and finished builds', async () => {
    const { written, time, end } = open({ hasPolicy: true })
    await time.pass(6_000)
    await end()
    expect(new Set(written)).toEqual(new Set(['anna', 'otto', 'builds']))
  })

  it('of a terminal writes nothing, and shows the builds that the app has kept', async () => {
    const { store, written, time, end } = open({ hasPolicy: false })
    await time.pass(6_000)
    expect(store.snapshot().builds).toMatchObject({ running: [{ id: '2' }], finished: [{ id: '1' }] })
    await end()
    expect(store.snapshot().builds.finished.map(({ id }) => id)).toEqual(['2', '1'])
    expect(written).toEqual([])
  })

  it('of a terminal says of each builder what the app beside says', async () => {
    const since = '2026-11-23T00:00:00.000Z'
    const told = { anna: { state: 'slow', since }, otto: { state: 'unreachable', since } } as const
    const { store, time, watcher, end } = open({ hasPolicy: false, told })
    await watcher?.probed()
    expect(store.snapshot().builders).toMatchObject([
      { id: 'anna', state: 'slow', health: { since, sample: { cpus: 16 } } },
      { id: 'otto', state: 'building', health: { toldState: 'unreachable' } },
    ])
    await time.pass(60_000)
    expect(store.snapshot().builders).toMatchObject([{ state: 'slow' }, { state: 'building' }])
    await end()
  })

  it('has probed once each builder is shown with its slots, and builds are, by what builders say of them', async () => {
    const { store, asked, known, watcher } = open({ hasPolicy: false })
    await watcher?.probed()
    const { builders, builds } = store.snapshot()
    expect(asked).toEqual(['anna', 'otto'])
    expect(builders).toMatchObject([
      { id: 'anna', runningBuilds: 0, state: 'ready' },
      { id: 'otto', runningBuilds: 1, state: 'building', health: { sample: { cpus: 16 } } },
    ])
    expect(builds.running).toHaveLength(1)
    expect(known()).toEqual(['anna', 'otto'])
  })

  it('watches one builder alone where that is asked for', async () => {
    const { store, asked, watcher } = open({ hasPolicy: false, only: 'otto' })
    await watcher?.probed()
    expect(asked).toEqual(['otto'])
    expect(Object.keys(store.state().health)).toEqual(['otto'])
  })
})
