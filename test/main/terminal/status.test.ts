import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { RunningBuild } from '../../../contract/builds'
import type { HealthView } from '../../../contract/health'
import type { BuilderView } from '../../../contract/snapshot'
import { createStore, type State, type Store } from '../../../main/store'
import type { Io } from '../../../main/terminal/io'
import { runProgram } from '../../../main/terminal/program'
import { createScreen } from '../../../main/terminal/screen'
import { startApp } from '../../fakes/app'
import { FakeTerminal } from '../../fakes/fake-terminal'
import { createWorld } from '../../fakes/world'
import { aBuilder } from '../../fixtures/builder'
import { aHealth, aSample } from '../../fixtures/health'
import { emptyState } from '../../fixtures/state'
import { until } from '../../world/fleet/process'

interface World {
  readonly builders?: readonly BuilderView[]
  /** What the probes find. */
  readonly found?: Readonly<Record<string, HealthView>>
  readonly builds?: Partial<State['builds']>
  /** The terminal that stdout is. */
  readonly size?: { readonly columns: number; readonly rows: number }
}

/** A small machine that has little to do. */
const idle = aSample({ load1: 0.2, cpus: 8, memoryFreeBytes: 8e9, storeBytes: 100e9, storeFreeBytes: 60e9 })
const healthy = (change: Partial<HealthView> = {}) =>
  aHealth({ since: new Date().toISOString(), sample: idle, ...change })
const build = (more: Partial<RunningBuild> = {}): RunningBuild => ({
  ...{ id: '1', name: 'hello-2.12', builder: 'anna', user: 'dev', activity: 'building', logTail: [] },
  startedAt: new Date(Date.now() - 5_300).toISOString(),
  ...more,
})
const lost = (builder: string): HealthView =>
  healthy({ state: 'unreachable', failure: { code: 'TIMED_OUT', facts: { builder } } })

/** Starts a command line in front of an app that has the builders. */
function start(line: string, { builders = [], found = {}, builds = {}, size }: World = {}) {
  const said = { out: '', err: '' }
  const hear = (text: string) => {
    said.out += text
  }
  const terminal = size && new FakeTerminal(hear, size.columns, size.rows)
  const io: Io = {
    out: hear,
    err: (text) => {
      said.err += text
    },
    ...{ interactive: false, readInput: async () => '', prompt: async () => '' },
    ...(terminal ? { screen: createScreen(terminal) } : {}),
  }
  const store = createStore({ ...emptyState, builders })
  let isFollowing = false
  const see = () =>
    store.update({ health: found, builds: { feed: 'json-log', running: [], finished: [], ...builds } })
  const world = createWorld()
  world.data.autostart = { way: 'off', offered: ['off', 'desktop', 'systemd'] }
  const { handlers } = startApp(world, { store })
  const ended = runProgram(line.split(' '), {
    ...{ version: '0.0.0', io, helper: { run: async () => 0 } },
    app: async () => ({
      ...{ handlers, store },
      follow: () => {
        isFollowing = true
        see()
        return {
          probed: Promise.resolve(),
          stop: () => {
            isFollowing = false
          },
        }
      },
    }),
  })
  return { store, said, ended, terminal, isFollowing: () => isFollowing }
}

async function run(line: string, world: World = {}) {
  const { ended, said } = start(line, world)
  return { status: await ended, ...said }
}

/** Changes the store under a watching command, and ends it by Ctrl-C once it has said what is waited for. */
async function watch(
  line: string,
  world: World,
  happens: readonly {
    readonly do: (store: Store, terminal: FakeTerminal | undefined) => void
    readonly says: RegExp
  }[],
) {
  const { store, said, ended, terminal, isFollowing } = start(line, world)
  for (const { do: act, says } of happens) {
    act(store, terminal)
    await until(`${says} in ${said.out}`, async () => says.test(said.out))
  }
  process.emit('SIGINT')
  const status = await ended
  expect(isFollowing()).toBe(false)
  return { status, ...said }
}

describe('status', () => {
  test('prints a line for each builder with what it says', async () => {
    const { status, out } = await run('status', {
      builders: [
        aBuilder('anna', { runningBuilds: 1 }),
        aBuilder('otto', { state: 'paused', enabled: false, runningBuilds: 0 }),
      ],
      found: { anna: healthy({ state: 'building' }) },
      builds: { running: [build()] },
    })
    expect(status).toBe(0)
    const [summary, head, anna, otto] = out.split('\n').map((line) => line.split(/ {2,}/))
    expect(summary).toEqual(['1 of 2 builders ready · 1 build'])
    expect(head?.slice(0, 3)).toEqual(['Builder', 'State', 'Answers'])
    expect(anna).toEqual([
      'anna',
      'building 1',
      '0.8 ms',
      '0.2 of 8',
      '7.5 GiB',
      '56 GiB',
      '1 of 8',
      'hello-2.12',
    ])
    expect(otto).toEqual(['otto', 'paused', 'not looked at', '-', '-', '-', '0 of 8'])
  })

  test.each<[string, BuilderView, HealthView | undefined, number]>([
    ['one that is ready', aBuilder('anna'), healthy(), 0],
    ['one that builds', aBuilder('anna'), healthy({ state: 'building' }), 0],
    ['one that does not answer', aBuilder('anna'), lost('anna'), 1],
    ['one that answers and was never proven', aBuilder('anna', { state: 'unproven' }), healthy(), 1],
    ['one that is low on space', aBuilder('anna'), healthy({ state: 'disk-low' }), 1],
    ['one that is paused', aBuilder('anna', { state: 'paused', enabled: false }), undefined, 0],
    [
      'one that is suspended, though it answers',
      aBuilder('anna', { state: 'suspended', enabled: false, suspendedSince: '2026-01-01T00:00:00.000Z' }),
      healthy(),
      1,
    ],
    ['one that is quarantined', aBuilder('anna', { state: 'refused', quarantined: true }), undefined, 1],
  ])('of %s has the documented exit status', async (_, builder, health, expected) => {
    const { status } = await run('status', {
      builders: [builder, aBuilder('otto')],
      found: { ...(health ? { anna: health } : {}), otto: healthy() },
    })
    expect(status).toBe(expected)
  })

  test('says below the table what is wrong and what to do, and shows no stale numbers', async () => {
    const { out } = await run('status', {
      builders: [aBuilder('anna')],
      found: { anna: { ...lost('anna'), sample: aSample() } },
    })
    expect(out).toMatch(/^anna +unreachable +no +- +- +- /m)
    expect(out).toMatch(/^anna took too long\.\nWhat to do/m)
  })

  test('says both words where the app beside says another', async () => {
    const found = { anna: healthy({ toldState: 'unreachable' }) }
    const words = 'the app said unreachable a moment ago, and this look is newer'
    const all = await run('status', { builders: [aBuilder('anna')], found })
    expect(all.out).toContain(`\nanna: ${words}.\n`)
    expect((await run('status anna', { builders: [aBuilder('anna')], found })).out).toContain(words)
    const paused = aBuilder('anna', { state: 'paused', enabled: false })
    expect((await run('status', { builders: [paused], found })).out).not.toContain(words)
  })

  test('of one builder has all there is, and the failure in four parts', async () => {
    const failure = {
      code: 'REMOTE_DISK_LOW',
      facts: { builder: 'anna', free: '1.0 GiB' },
      detail: 'df said',
    } as const
    const { status, out } = await run('status anna', {
      builders: [aBuilder('anna'), aBuilder('otto')],
      found: { anna: healthy({ state: 'disk-low', failure }), otto: healthy() },
      builds: { running: [build({ phase: 'buildPhase' })] },
    })
    expect(status).toBe(1)
    expect(out).toMatch(/^anna +disk low\nAddress +nixremote@anna.lan:22\nAnswers +0.8 ms$/m)
    expect(out).toMatch(/^Store free +56 GiB of 93 GiB$/m)
    expect(out).toMatch(/^Building +hello-2.12 for dev, buildPhase, [56] s$/m)
    expect(out).toMatch(/^millwright: anna has 1.0 GiB of space left\n.+\n.+\n\ndf said$/m)
    expect(out).not.toContain('otto')
  })

  test('of a builder that is none ends with status 1 and its words', async () => {
    const { status, err } = await run('status nobody', { builders: [aBuilder('anna')] })
    expect(status).toBe(1)
    expect(err).toContain('nobody')
  })

  test('never lets through what a builder sends to move the cursor', async () => {
    const { out } = await run('status', {
      builders: [aBuilder('anna')],
      found: { anna: healthy({ sample: aSample({ buildNames: ['\x1b[2Jevil\x07', 'a\nb'] }) }) },
    })
    for (const control of ['\x07', '\x1b']) expect(out).not.toContain(control)
    expect(out).toMatch(/evil a b$/m)
  })

  test('--json has the documented shape', async () => {
    const { status, out } = await run('status --json', {
      builders: [
        aBuilder('anna', { runningBuilds: 1 }),
        aBuilder('otto'),
        aBuilder('karl', { state: 'paused', enabled: false }),
      ],
      found: { anna: healthy({ state: 'building' }), otto: lost('otto') },
      builds: { running: [build(), build({ id: '2', builder: 'otto' })] },
    })
    expect(status).toBe(1)
    const { builders, ...document } = JSON.parse(out)
    expect(document).toEqual({
      version: 1,
      modes: { remoteOnly: { me: false, everyone: false }, localOnly: { me: false } },
      unmanaged: [],
    })
    const [anna, otto, karl] = builders
    expect(anna).toMatchObject({ id: 'anna', host: 'anna.lan', enabled: true, maxJobs: 8 })
    expect(anna.health).toEqual({
      ...{ state: 'building', since: expect.stringMatching(/^\d{4}-.+Z$/), failure: null },
      ...{ latencyMs: 0.8, load1: 0.2, cpus: 8, memoryFreeBytes: 8e9, storeFreeBytes: 60e9, slotsInUse: 1 },
      builds: [{ name: 'hello-2.12', elapsedMs: expect.any(Number) }],
    })
    expect(anna.health.builds[0].elapsedMs).toBeGreaterThanOrEqual(5_300)
    expect(otto.health).toMatchObject({ state: 'unreachable', failure: { code: 'TIMED_OUT' } })
    expect(Object.keys(otto.health.failure)).toEqual(['code', 'title', 'cause', 'remedy', 'detail'])
    expect(karl.health).toMatchObject({ state: 'paused', since: null, failure: null, latencyMs: null })
  })

  test('--prometheus ends with status 0 also when a builder is lost, so that the metrics get to their place', async () => {
    const { status, out } = await run('status --prometheus', {
      builders: [aBuilder('anna')],
      found: { anna: lost('anna') },
    })
    expect(status).toBe(0)
    expect(out).toContain('millwright_builder_up{builder="anna"} 0\n')
  })

  test.each(['status --prometheus --json', 'status --prometheus --watch', 'status An;na'])(
    '`%s` is wrong usage',
    async (line) => {
      expect((await run(line)).status).toBe(2)
    },
  )
})

describe('status --watch', () => {
  /** Made in each test, since what it shows tells how long ago that was. */
  const world = (): World => ({
    builders: [aBuilder('anna', { runningBuilds: 0 })],
    found: { anna: healthy() },
  })
  const loses = (store: Store) => store.update({ health: { anna: lost('anna') } })
  const builds = (running: readonly RunningBuild[]) => (store: Store) =>
    store.update({ builds: { ...store.state().builds, running } })

  test('--json prints the document, then a line for each change, until Ctrl-C', async () => {
    const { status, out } = await watch('status --watch --json', world(), [
      { do: () => undefined, says: /"version":1/ },
      { do: loses, says: /TIMED_OUT/ },
      { do: builds([build()]), says: /"started"/ },
      { do: builds([]), says: /"finished"/ },
      { do: (store) => store.update({ builders: [] }), says: /"health":null/ },
    ])
    expect(status).toBe(130)
    const [first, ...changes] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first.builders[0].health.state).toBe('ready')
    const at = expect.stringMatching(/^\d{4}-.+Z$/)
    expect(changes[0]).toMatchObject({ at, builder: 'anna', health: { state: 'unreachable' } })
    const ofBuild = changes.filter((change) => change.build)
    expect(ofBuild[0]).toMatchObject({
      at,
      build: { id: '1', name: 'hello-2.12', builder: 'anna', state: 'started' },
    })
    expect(ofBuild[1]).toMatchObject({ build: { id: '1', state: 'finished', outcome: 'unknown' } })
    expect(ofBuild[1].build.durationMs).toBeGreaterThanOrEqual(5_300)
    expect(changes.at(-1)).toEqual({ at, builder: 'anna', health: null })
  })

  test('prints a line for each change where stdout is no terminal', async () => {
    const { status, out } = await watch('status --watch', world(), [
      { do: () => undefined, says: /Z anna: ready( for \d+ s)?$/m },
      { do: loses, says: /Z anna: unreachable: .*anna/ },
      { do: builds([build({ builder: 'otto' })]), says: /Z hello-2.12: started on otto for dev$/m },
    ])
    expect(status).toBe(130)
    expect(out.trim().split('\n')).toHaveLength(3)
    expect(out).not.toContain('\x1b')
  })

  test('draws over the table on a terminal, cut to its size', async () => {
    const size = { columns: 30, rows: 5 }
    const builders = ['anna', 'otto', 'karl', 'emil'].map((id) => aBuilder(id))
    const others = { otto: healthy(), karl: healthy(), emil: healthy() }
    const loses = (store: Store) => store.update({ health: { anna: lost('anna'), ...others } })
    const found = { anna: healthy(), ...others }
    const { status, out } = await watch('status --watch', { builders, found, size }, [
      { do: () => undefined, says: /anna {5}ready/ },
      { do: loses, says: /anna {5}unreachable/ },
      { do: (_, terminal) => terminal?.resize(30, 20), says: /emil {5}ready/ },
    ])
    expect(status).toBe(130)
    expect(out).toContain('\x1b[H\x1b[2J')
    expect(out).toContain('… and 3 more lines')
    const plain = stripVTControlCharacters(out).replaceAll('\r', '').split('\n')
    expect(Math.max(...plain.map((line) => [...line].length))).toBeLessThan(30)
  })
})

describe('builds', () => {
  test('prints what runs and what ran', async () => {
    const { startedAt: _, ...ended } = build({ id: '2', name: 'zlib-1.3' })
    const { out } = await run('builds', {
      builds: {
        running: [
          build({
            activity: 'copying-inputs',
            copied: { doneBytes: 120 * 2 ** 20, totalBytes: 340 * 2 ** 20 },
          }),
        ],
        finished: [
          {
            ...ended,
            ...{
              startedAt: new Date(Date.now() - 70_000).toISOString(),
              durationMs: 9_000,
              outcome: 'failed',
            },
          },
        ],
      },
    })
    expect(out).toMatch(/^hello-2.12 +anna +dev +[56] s +copying there, 120 MiB of 340 MiB$/m)
    expect(out).toMatch(/^zlib-1.3 +anna +dev +9.0 s +1 min ago, failed$/m)
  })

  test('says when nothing runs, and when nothing can tell', async () => {
    expect((await run('builds')).out).toBe('Nothing is being built.\n')
    expect((await run('builds', { builds: { feed: 'none' } })).out).toContain(
      'Nothing on this computer tells',
    )
  })

  test('--json prints the feed and both lists', async () => {
    const { out } = await run('builds --json', { builds: { running: [build()] } })
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      feed: 'json-log',
      running: [{ id: '1' }],
      finished: [],
    })
  })
})

describe('autostart', () => {
  test.each([
    ['autostart status', 'does not start'],
    ['autostart on', 'by the desktop'],
    ['autostart on --systemd', 'by your systemd'],
    ['autostart off', 'does not start'],
  ])('`%s` says how it is then', async (line, words) => {
    const { status, out } = await run(line)
    expect(status).toBe(0)
    expect(out).toContain(words)
  })

  test('of anything else is wrong usage', async () => {
    expect((await run('autostart maybe')).status).toBe(2)
  })
})
