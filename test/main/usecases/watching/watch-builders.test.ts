import { afterEach, describe, expect, it } from 'vitest'
import type { RegisteredBuilder } from '../../../../contract/builder'
import type { HealthView, Sample } from '../../../../contract/health'
import type { BuilderView } from '../../../../contract/snapshot'
import { assembleFailure, type KnownFailure } from '../../../../core/failures/failure'
import type { FailureCode } from '../../../../core/failures/rows'
import { noTrend } from '../../../../core/health/series-ring'
import { FailureError } from '../../../../main/failures'
import type { ProbeSession } from '../../../../main/ports/monitor'
import type { SwitchNote } from '../../../../main/ports/records'
import { type BuildersWatch, watchBuilders } from '../../../../main/usecases/watching/watch-builders'
import type { WatchPorts } from '../../../../main/usecases/watching/watch-context'
import { virtualTime } from '../../../fakes/virtual-time'
import { createWorld } from '../../../fakes/world'
import { aBuilder } from '../../../fixtures/builder'

const gib = 2 ** 30
const answer: Omit<Sample, 'atMs'> = {
  latencyMs: 3,
  bootId: 'one',
  load1: 0.5,
  cpus: 4,
  memoryBytes: 8 * gib,
  memoryFreeBytes: 6 * gib,
  nixVersion: '2.8.0',
  buildNames: [],
}

const ok = { type: 'result', code: 'OK' } as const
/** What root's files say of it; how it serves others is none of this test's business. */
const registered = ({ substituter: _, ...builder }: BuilderView): RegisteredBuilder => builder

/** A computer with builders on a network, all of it as a test wants it, and time that a test lets pass. */
class SmallWorld {
  readonly time = virtualTime()
  readonly startMs = this.time.nowMs()
  readonly ids: readonly string[]
  builders: readonly BuilderView[]
  notes: SwitchNote[] = []
  slots: Readonly<Record<string, number>> = {}
  suspends = true
  maySwitch = true
  /** What those do that do not simply answer. */
  readonly fault = new Map<string, FailureCode | 'silent'>()
  handshakeFails: FailureCode | undefined
  readonly probes: { readonly id: string; readonly atMs: number }[] = []
  readonly handshakes: string[] = []
  readonly switched: string[] = []
  readonly shown: { readonly id: string; readonly health: HealthView | undefined }[] = []
  readonly watch: BuildersWatch
  connects = 0
  /** Says which slots a build has let go of soon after it had taken them. */
  letGo: (name: string) => void = () => undefined
  private readonly held = new Map<string, (failure: KnownFailure) => void>()

  constructor(count = 1) {
    this.ids = Array.from({ length: count }, (_, at) => `b${at}`)
    this.builders = this.ids.map((id) =>
      aBuilder(id, { host: id, state: 'ready', enabled: true, proof: proofAt(0) }),
    )
    this.watch = watchBuilders(this.needs(), {
      builders: () => this.builders,
      only: undefined,
      slots: () => this.slots,
      policy: {
        isBusy: () => false,
        maySwitch: () => this.maySwitch,
        suspends: () => this.suspends,
        refresh: async () => undefined,
      },
      show: (id, health) => this.shown.push({ id, health }),
    })
    this.watch.update()
  }

  change(part: Partial<BuilderView>) {
    this.builders = this.builders.map((builder) => ({ ...builder, ...part }))
    this.watch.update()
  }

  health(id = 'b0') {
    return this.shown.findLast((one) => one.id === id)?.health
  }

  cut(id: string, code: FailureCode) {
    this.fault.set(id, code)
    this.held.get(id)?.(failureOf(code))
  }

  private needs(): WatchPorts {
    const { time } = this
    const { series, keychain, records, helper, userConf } = createWorld().ports
    return {
      clock: time.clock,
      jitteredSleep: time.jitteredSleep,
      series: { ...series, trend: () => noTrend },
      keychain: { ...keychain, get: async () => 'key' },
      records: {
        ...records,
        switchNotes: async () => this.notes,
        switchNote: async (id) => this.notes.find((note) => note.id === id),
        addSwitchNote: async (note) => this.notes.push(note) > 0,
        updateSwitchNote: async (id, change) => {
          const now = change(this.notes.find((note) => note.id === id))
          this.notes = [...this.notes.filter((note) => note.id !== id), ...(now ? [now] : [])]
          return now
        },
        deleteSwitchNote: async () => void this.notes.pop(),
      },
      helper: {
        ...helper,
        status: async () => ({ ...(await helper.status()), builders: this.builders.map(registered) }),
        call: async (request) => {
          const id = 'id' in request ? request.id : ''
          if (request.op !== 'ping') this.switched.push(id)
          if (request.op !== 'ping') return ok
          this.handshakes.push(id)
          const code = this.fault.get(id) ?? this.handshakeFails
          if (code) throw new FailureError(failureOf(code === 'silent' ? 'TIMED_OUT' : code))
          return { ...ok, latencyMs: 300 }
        },
      },
      userConf,
      slots: {
        taken: async () => undefined,
        onLetGo: (tell) => {
          this.letGo = tell
          return () => undefined
        },
      },
      monitor: { connect: async ({ id }) => this.connect(id) },
    }
  }

  private connect(id: string): ProbeSession {
    this.connects++
    const code = this.fault.get(id)
    if (code && code !== 'silent') throw new FailureError(failureOf(code))
    const ended = new Promise<KnownFailure>((resolve) => this.held.set(id, resolve))
    return {
      ended,
      close: () => this.held.delete(id),
      probe: async () => {
        this.probes.push({ id, atMs: this.time.nowMs() - this.startMs })
        if (this.fault.get(id) === 'silent') await new Promise(() => undefined)
        return { ...answer, atMs: this.time.nowMs() }
      },
    }
  }
}

const failureOf = (code: FailureCode) => assembleFailure(code, {})
const proofAt = (ms: number) => ({
  drvPath: '',
  outPath: '',
  builtOn: 'x',
  durationMs: 1,
  at: new Date(ms).toISOString(),
})

describe('the watch over builders', () => {
  let world: SmallWorld
  const open = (count?: number) => {
    world = new SmallWorld(count)
    return world
  }
  afterEach(() => world.watch.close())

  it('probes every 5 s over one connection, and more than fifty builders every 10 s', async () => {
    const { time, probes } = open()
    await time.pass(21_000)
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 5_000, 10_000, 15_000, 20_000])
    expect(world.connects).toBe(1)
    world.watch.close()
    const many = open(51)
    await many.time.pass(21_000)
    expect(many.probes).toHaveLength(3 * 51)
  })

  it('shows what it sees at once, and then only what a person would see', async () => {
    const { time, shown } = open()
    await time.pass(100)
    expect(world.health()).toMatchObject({
      state: 'ready',
      handshakeAt: new Date(world.startMs).toISOString(),
    })
    await time.pass(60 * 60_000)
    const perMinute = shown.length / 60
    expect(perMinute).toBeLessThan(4)
  })

  it('makes root’s handshake at once, and again after half an hour', async () => {
    const { time, handshakes } = open()
    await time.pass(100)
    expect(handshakes).toHaveLength(1)
    await time.pass(29 * 60_000)
    expect(handshakes).toHaveLength(1)
    await time.pass(2 * 60_000)
    expect(handshakes).toHaveLength(2)
  })

  it('makes root’s handshake at once where builds do not get there, with all of many within 10 s', async () => {
    const { time, handshakes } = open(11)
    await time.pass(5 * 60_000)
    handshakes.length = 0
    world.handshakeFails = 'LOGIN_REFUSED'
    for (const id of world.ids.slice(0, 9)) world.letGo(`ssh-ng:__millwright-${id}`)
    await time.pass(9_000)
    expect(new Set(handshakes)).toEqual(new Set(world.ids.slice(0, 9)))
    for (const id of world.ids.slice(0, 9)) expect(world.health(id)?.state).toBe('refused')
    expect(world.health('b10')?.state).toBe('ready')
  })

  it('looks after short builds ever more seldom while they go on well, and stays green meanwhile', async () => {
    const { time, handshakes, shown } = open()
    await time.pass(6_000)
    handshakes.length = 0
    shown.length = 0
    for (let second = 0; second < 600; second++) {
      world.letGo('ssh-ng:__millwright-b0')
      await time.pass(1_000)
    }
    expect(handshakes.length).toBeGreaterThan(3)
    expect(handshakes.length).toBeLessThan(12)
    expect(shown.every(({ health }) => health?.state === 'ready')).toBe(true)
  })

  it('never makes a handshake where that would ask for a password', async () => {
    const { time, handshakes } = open()
    world.maySwitch = false
    world.change({ systems: ['aarch64-linux'] })
    await time.pass(60 * 60_000)
    expect(world.health()?.state).toBe('unproven')
    world.cut('b0', 'LOGIN_REFUSED')
    await time.pass(60 * 60_000)
    expect(world.health()?.state).toBe('refused')
    expect(handshakes).toEqual([])
  })

  it('takes a builder that root’s files describe otherwise for unproven until the handshake has passed', async () => {
    const { time, shown } = open()
    await time.pass(6_000)
    shown.length = 0
    world.change({ host: 'elsewhere' })
    expect(shown.at(0)).toEqual({ id: 'b0', health: undefined })
    await time.pass(5_000)
    const states = shown.map(({ health }) => health?.state)
    expect(states.slice(1)).toEqual(['unproven', 'ready'])
  })

  it('takes the person’s own test for a handshake', async () => {
    open()
    world.handshakeFails = 'PING_FAILED'
    world.suspends = false
    await world.time.pass(6_000)
    expect(world.health()).toMatchObject({ state: 'nix-broken', failure: { code: 'PING_FAILED' } })
    world.change({ proof: proofAt(world.time.nowMs()) })
    expect(world.health()?.state).toBe('ready')
  })

  it('tries a handshake that failed again, ever more rarely', async () => {
    const { time, handshakes } = open()
    world.handshakeFails = 'PING_FAILED'
    world.suspends = false
    await time.pass(10 * 60_000)
    expect(handshakes.length).toBeGreaterThan(4)
    expect(handshakes.length).toBeLessThan(9)
  })

  it('suspends one that is gone, but says only that it is gone where the person wants no suspending', async () => {
    open()
    world.suspends = false
    await world.time.pass(1_000)
    world.cut('b0', 'TIMED_OUT')
    await world.time.pass(1_000)
    expect(world.health()).toMatchObject({ state: 'unreachable', failure: { code: 'TIMED_OUT' } })
    expect(world.switched).toEqual([])
    world.suspends = true
    await world.time.pass(40_000)
    expect(world.switched).toEqual(['b0'])
  })

  it('suspends one that answers, but with which root’s handshake fails', async () => {
    open()
    world.handshakeFails = 'PING_FAILED'
    await world.time.pass(1_000)
    expect(world.switched).toEqual(['b0'])
    expect(world.health()).toMatchObject({ state: 'nix-broken', failure: { code: 'PING_FAILED' } })
    world.change({ enabled: false, suspendedSince: world.time.clock.now().toISOString() })
    world.handshakeFails = undefined
    await world.time.pass(3_000)
    expect(world.switched).toEqual(['b0', 'b0'])
    expect(world.health()?.state).toBe('ready')
  })

  it('reports nothing of a connection that broke and is back at once', async () => {
    open()
    await world.time.pass(1_000)
    const before = world.shown.length
    world.cut('b0', 'CONNECTION_LOST')
    world.fault.clear()
    await world.time.pass(1_000)
    expect(world.connects).toBe(2)
    expect(world.shown).toHaveLength(before)
  })

  it('is building for as long as Nix has a slot of it', async () => {
    const { time } = open()
    await time.pass(1_000)
    world.slots = { 'ssh-ng:__millwright-b0': 1 }
    world.watch.update()
    expect(world.health()?.state).toBe('building')
    world.slots = {}
    world.watch.update()
    expect(world.health()?.state).toBe('ready')
  })

  it('drops what it knows of one that is not watched any more', async () => {
    open()
    await world.time.pass(1_000)
    world.change({ enabled: false, state: 'paused' })
    expect(world.health()).toBeUndefined()
    await world.time.pass(60_000)
    expect(world.shown.at(-1)).toEqual({ id: 'b0', health: undefined })
  })

  it('probes each within 2 s after a wake, and makes a connection anew that does not answer within 3 s', async () => {
    const { time, probes } = open(40)
    await time.pass(12_000)
    probes.length = 0
    world.fault.set('b7', 'silent')
    world.watch.wake()
    await time.pass(2_100)
    expect(new Set(probes.map(({ id }) => id)).size).toBe(40)
    expect(new Set(probes.slice(0, 40).map(({ atMs }) => atMs)).size).toBeGreaterThan(20)
    world.fault.clear()
    await time.pass(3_000)
    expect(world.connects).toBe(41)
    expect(world.health('b7')?.state).toBe('ready')
  })
})
