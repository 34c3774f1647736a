import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noBuilds, type RunningBuild } from '../../../contract/builds'
import { attribute, type Hook, type OutputLock } from '../../../core/builds/attribute'
import { foldBuilds } from '../../../core/builds/fold'
import { type Located, pairWithLog, withLog } from '../../../core/builds/join-feeds'
import { createNixLog, type LoggedBuild } from '../../../core/builds/nix-log'
import { parseNixPs } from '../../../core/builds/nix-ps'
import { thousand } from '../../fixtures/arbitraries'

const hash = 'vmfcpxn14275s6jvv7bdvi7qmrz6f4hq'
const drv = (name: string) => `/nix/store/${hash}-${name}.drv`
/** The n-th activity of a process, as logging.cc numbers them. */
const activity = (n: number, pid = 740) => pid * 2 ** 32 + n
const anna = 'ssh-ng://millwright-anna'

/** Lines as Nix 2.34 writes them. */
const start = (id: number, type: number, fields: readonly unknown[] = []) =>
  JSON.stringify({ action: 'start', fields, id, level: 3, parent: 0, text: '', type })
const result = (id: number, type: number, ...fields: readonly unknown[]) =>
  JSON.stringify({ action: 'result', fields, id, type })
const stop = (id: number) => JSON.stringify({ action: 'stop', id })
const msg = (text: string, level = 0) => JSON.stringify({ action: 'msg', level, msg: text })

function logOf(...lines: readonly string[]) {
  const log = createNixLog()
  for (const line of lines) log.take(line)
  return log
}

describe('the log of Nix', () => {
  const begun = start(activity(6), 105, [drv('dep-1.0'), anna, 1, 1])
  const nested = start(activity(15), 105, [drv('dep-1.0'), '', 1, 1])

  it('tells a build elsewhere once, though its builder tells it too', () => {
    expect(logOf(begun, nested).running()).toEqual([
      {
        id: String(activity(6)),
        workerPid: 740,
        name: 'dep-1.0',
        drvPath: drv('dep-1.0'),
        builder: 'anna',
        activity: 'building',
        logTail: [],
      },
    ])
  })

  it('tells what is copied there, how much of it, and what comes back', () => {
    const input = `/nix/store/${hash}-src`
    const copying = [start(activity(7), 100, [input, 'local', anna]), result(activity(7), 105, 12, 34, 0, 0)]
    const log = logOf(begun, ...copying)
    expect(log.running()).toMatchObject([
      { activity: 'copying-inputs', copied: { doneBytes: 12, totalBytes: 34 } },
    ])
    log.take(stop(activity(7)))
    expect(log.running()[0]?.copied).toBeUndefined()
    for (const line of [nested, stop(activity(15))]) log.take(line)
    log.take(start(activity(18), 100, [`/nix/store/${hash}-dep-1.0-dev`, anna, 'local']))
    expect(log.running()).toMatchObject([{ activity: 'copying-outputs' }])
    for (const line of [stop(activity(18)), stop(activity(6))]) log.take(line)
    expect(log.running()).toEqual([])
    expect(log.takeEnded()).toEqual([{ id: String(activity(6)), outcome: 'built' }])
    expect(log.takeEnded()).toEqual([])
  })

  it('does not guess which of two builds on one builder is being copied for', () => {
    const other = start(activity(9), 105, [drv('other-2'), anna, 1, 1])
    const log = logOf(begun, other, start(activity(10), 100, [`/nix/store/${hash}-src`, 'local', anna]))
    expect(log.running().map((build) => build.activity)).toEqual(['waiting', 'waiting'])
  })

  it.each([
    ['over ssh-ng, whose builder tells it', [begun, nested], activity(15)],
    ['over ssh', [begun], activity(6)],
    ['here', [start(activity(6), 105, [drv('dep-1.0'), '', 1, 1])], activity(6)],
  ])('tells the phase and the last lines of a build %s', (_, lines, id) => {
    const log = logOf(
      ...lines,
      result(id, 104, 'buildPhase'),
      ...Array.from({ length: 25 }, (_line, n) => result(id, 101, `line \u001b[31m${n}\u001b[0m`)),
    )
    const [build] = log.running()
    expect(build).toMatchObject({ activity: 'building', phase: 'buildPhase' })
    expect(build?.logTail).toEqual(Array.from({ length: 20 }, (_line, n) => `line ${n + 5}`))
  })

  it('tells that a build failed', () => {
    const failure = msg(
      `\u001b[31;1merror:\u001b[0m build of '\u001b[35;1m${drv('dep-1.0')}\u001b[0m' on 'x' failed`,
    )
    const log = logOf(begun, nested, stop(activity(15)), failure, stop(activity(6)))
    expect(log.takeEnded()).toEqual([{ id: String(activity(6)), outcome: 'failed' }])
  })

  it('takes what comes back for built, whatever failed on the way', () => {
    const failure = msg(`error: cannot build '${drv('dep-1.0')}' on 'x': failed to start it`)
    const back = start(activity(18), 100, [`/nix/store/${hash}-dep-1.0`, anna, 'local'])
    const log = logOf(begun, failure, nested, stop(activity(15)), back, stop(activity(18)), stop(activity(6)))
    expect(log.takeEnded()).toEqual([{ id: String(activity(6)), outcome: 'built' }])
  })

  it('lets go of what a process leaves behind that was killed', () => {
    const log = logOf(begun, start(activity(1, 900), 105, [drv('here-1'), '', 1, 1]))
    log.keepOnly((pid) => pid === 900)
    expect(log.running().map(({ name }) => name)).toEqual(['here-1'])
    expect(log.takeEnded()).toEqual([{ id: String(activity(6)), outcome: 'unknown' }])
  })

  it('is not thrown by any line, and grows by none', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.string(),
      fc.constantFrom(drv('a-1'), anna, 'local', '', `/nix/store/${hash}-a-1`),
    )
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          action: fc.constantFrom('start', 'stop', 'result', 'msg', 'else'),
          id: fc.oneof(
            fc.integer({ min: 0, max: 9 }).map((n) => activity(n)),
            fc.anything(),
          ),
          type: fc.constantFrom(100, 101, 104, 105, 106, '105'),
          level: fc.constantFrom(0, 3),
          msg: fc.string(),
          fields: fc.oneof(fc.array(value), fc.anything()),
        })
        .map((record) => JSON.stringify(record) ?? ''),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        for (const build of logOf(...lines).running()) {
          expect(build.logTail.length).toBeLessThanOrEqual(20)
          expect(build.name).toMatch(/^[\w+?=.-]{1,211}$/)
        }
      }),
      thousand,
    )
  })
})

describe('what the feeds tell together', () => {
  const located = (build: Partial<Located>): Located => ({
    ...{ id: 'a', name: 'dep-1.0', builder: 'anna', workerPid: 740, user: 'dev', logTail: [] },
    ...{ startedAt: '2026-01-01T00:00:00Z', activity: 'waiting' as const },
    ...build,
  })
  const logged = (build: Partial<LoggedBuild>): LoggedBuild => ({
    ...{ id: '1', workerPid: 740, name: 'dep-1.0', drvPath: drv('dep-1.0'), builder: 'anna' },
    ...{ activity: 'building' as const, phase: 'buildPhase', logTail: ['made'] },
    ...build,
  })

  it('keeps who, where and since when, and adds what it does', () => {
    const build = located({})
    expect(withLog(build, pairWithLog([build], [logged({})]).get(build))).toEqual({
      ...build,
      ...{ drvPath: drv('dep-1.0'), activity: 'building', phase: 'buildPhase', logTail: ['made'] },
    })
  })

  it.each([
    ['of another worker', { workerPid: 741 }],
    ['on another builder', { builder: 'otto' }],
    ['of another name', { name: 'else', drvPath: drv('else') }],
  ])('takes no build %s for the same', (_, other) => {
    expect(pairWithLog([located({})], [logged(other)]).size).toBe(0)
  })

  it('gives two processes without a name a build each', () => {
    const two = [located({ id: 'a', name: '' }), located({ id: 'b', name: '' })]
    const pairs = pairWithLog(two, [logged({}), logged({ id: '2', name: 'x', drvPath: drv('x') })])
    expect(two.map((one) => pairs.get(one)?.name)).toEqual(['dep-1.0', 'x'])
  })
})

describe('the list that Determinate Nix keeps of its builds', () => {
  const build = {
    nixPid: 12,
    clientUid: 501,
    mainPid: 13,
    startTime: 1_700_000_000,
    derivation: `${hash}-a-1.drv`,
  }

  it('is read for what is built here, for whom and since when', () => {
    expect(parseNixPs(JSON.stringify([{ ...build, processes: [] }]))).toEqual([
      { pid: 12, uid: 501, name: 'a-1', drvPath: drv('a-1'), startedMs: 1_700_000_000_000 },
    ])
  })

  it.each(['', 'error: unknown command', '{}', 'null'])('is none in %j', (text) => {
    expect(parseNixPs(text)).toBeUndefined()
  })

  it('leaves out what is no build', () => {
    const others = [null, 1, {}, { ...build, nixPid: '1' }, { ...build, derivation: '/etc/passwd' }]
    expect(parseNixPs(JSON.stringify(others))).toEqual([])
  })
})

describe('which build a hook is', () => {
  const hook = (pid: number, sinceMs: number): Hook => ({ pid, workerPid: 1, builder: 'anna', sinceMs })
  const lock = (name: string, sinceMs: number, workerPid = 1): OutputLock => ({
    ...{ inode: sinceMs, workerPid, name, path: `/nix/store/${hash}-${name}`, sinceMs },
  })

  it('is what its worker locked last before the hook got its slot', () => {
    const { byHook, rest } = attribute(
      [hook(10, 110), hook(20, 210)],
      [lock('first', 100), lock('second', 200), lock('other', 205, 2), lock('local', 300)],
    )
    expect([byHook.get(10)?.name, byHook.get(20)?.name]).toEqual(['first', 'second'])
    expect(rest.map(({ name }) => name)).toEqual(['other', 'local'])
  })

  it('counts the outputs of one derivation as one', () => {
    const { byHook, rest } = attribute([hook(10, 110)], [lock('hello', 100), lock('hello-dev', 101)])
    expect([byHook.get(10)?.name, rest]).toEqual(['hello', []])
  })
})

describe('builds from look to look', () => {
  const running = (id: string, build: Partial<RunningBuild> = {}): RunningBuild => ({
    ...{ id, name: 'hello-1', builder: 'anna', user: 'dev', startedAt: '2026-01-01T00:00:00.000Z' },
    ...{ activity: 'building', logTail: [] },
    ...build,
  })
  const atMs = Date.parse('2026-01-01T00:00:09Z')
  const look = (
    ids: readonly RunningBuild[],
    ended: readonly { id: string; outcome: 'built' | 'failed' }[] = [],
  ) => ({
    ...{ feed: 'locks' as const, running: ids, ended },
  })

  it('have finished when they run no longer, with how and how long', () => {
    const first = foldBuilds(noBuilds, look([running('a')]), atMs)
    const second = foldBuilds(first, look([], [{ id: 'a', outcome: 'failed' }]), atMs)
    expect(second.finished).toMatchObject([
      { id: 'a', name: 'hello-1', durationMs: 9_000, outcome: 'failed' },
    ])
  })

  it('keep the end of the log when they failed, and only then', () => {
    const first = foldBuilds(noBuilds, look([running('a', { logTail: ['no rustc'] })]), atMs)
    const ended = (outcome: 'built' | 'failed') =>
      foldBuilds(first, look([], [{ id: 'a', outcome }]), atMs).finished[0]?.logTail
    expect(ended('failed')).toEqual(['no rustc'])
    expect(ended('built')).toBeUndefined()
  })

  it('are expected to take as long as the last two of their name', () => {
    let view = noBuilds
    for (const id of ['a', 'b']) {
      view = foldBuilds(view, look([running(id)]), atMs)
      expect(view.running[0]?.expectedMs).toBeUndefined()
      view = foldBuilds(view, look([], [{ id, outcome: 'built' }]), atMs)
    }
    const later = foldBuilds(view, look([running('c', { name: 'hello-2' })]), atMs)
    expect(later.running[0]?.expectedMs).toBe(9_000)
  })

  it('have not finished when only another builder takes them', () => {
    const first = foldBuilds(noBuilds, look([running('a', { activity: 'waiting' })]), atMs)
    const second = foldBuilds(first, look([running('b', { builder: 'otto' })]), atMs)
    expect(second.finished).toEqual([])
  })

  it.each([
    ['a proof of Millwright’s own', { name: 'millwright-proof-anna' }],
    ['one of which nothing is known but that it ran', { name: '' }],
  ])('leave no trace of %s', (_what, build) => {
    const first = foldBuilds(noBuilds, look([running('a', build)]), atMs)
    expect(first.running).toHaveLength(1)
    expect(foldBuilds(first, look([]), atMs).finished).toEqual([])
  })
})
