import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { HealthView } from '../../../../contract/health'
import type { BuilderView } from '../../../../contract/snapshot'
import { assembleFailure, type KnownFailure } from '../../../../core/failures/failure'
import type { FailureCode } from '../../../../core/failures/rows'
import { noTrend } from '../../../../core/health/series-ring'
import { FailureError } from '../../../../main/failures'
import type { MonitorPort } from '../../../../main/ports/monitor'
import { watchBuilders } from '../../../../main/usecases/watching/watch-builders'
import type { WatchPorts } from '../../../../main/usecases/watching/watch-context'
import { untouchable } from '../../../fakes/untouchable'
import { virtualTime } from '../../../fakes/virtual-time'
import { aBuilder } from '../../../fixtures/builder'
import { aSample } from '../../../fixtures/health'

interface Circumstances {
  readonly hasKey?: boolean
  readonly kind?: 'os' | 'none'
  readonly only?: string
  readonly connectMs?: number
}

type Behaviour = 'up' | 'frozen' | FailureCode

/** Watches builders without a policy, on machines that answer, refuse, or say nothing at all. */
function watching(
  builders: readonly BuilderView[],
  behaviour: Record<string, Behaviour>,
  { hasKey = true, kind = 'os', only, connectMs = 0 }: Circumstances = {},
) {
  const time = virtualTime()
  const open = new Map<string, (why: KnownFailure) => void>()
  const asked: string[] = []
  let world = builders
  let slots: Record<string, number> = {}
  let bootId = 'one'
  const shown: Record<string, HealthView | undefined> = {}
  const monitor: MonitorPort = {
    connect: async ({ id }, key, signal) => {
      asked.push(id)
      expect(key).toBe('key')
      if (connectMs > 0) await time.jitteredSleep(connectMs, signal)
      const how = behaviour[id] ?? 'up'
      if (how !== 'up' && how !== 'frozen') throw new FailureError(assembleFailure(how, { builder: id }))
      let isClosed = false
      // As the real one does, for as long as the connection is held.
      const onAbort = () => open.get(id)?.(assembleFailure('CANCELLED', {}))
      const ended = new Promise<KnownFailure>((resolve) => {
        open.set(id, (why) => {
          open.delete(id)
          resolve(why)
        })
        signal.addEventListener('abort', onAbort, { once: true })
      })
      void ended.then(() => signal.removeEventListener('abort', onAbort))
      if (how === 'frozen') throw new FailureError(await ended)
      return {
        ended,
        probe: async () => {
          if (isClosed) throw new Error('asked after it was closed')
          return aSample({ bootId, atMs: time.nowMs() })
        },
        close: () => {
          isClosed = true
          open.get(id)?.(assembleFailure('CANCELLED', {}))
        },
      }
    },
  }
  const ports: WatchPorts = {
    monitor,
    keychain: {
      kind: async () => kind,
      filePath: '',
      get: async () => (hasKey ? 'key' : undefined),
      set: async () => expect.fail('a key was kept'),
      delete: async () => expect.fail('a key was deleted'),
      consentToFile: async () => expect.fail('a consent was kept'),
      alone: async () => expect.fail('keys were made'),
    },
    series: {
      add: () => undefined,
      trend: () => noTrend,
      read: async () => expect.fail('a chart was read'),
      keepOnly: async () => expect.fail('charts were dropped'),
      flush: async () => expect.fail('charts were written'),
    },
    ...{ helper: untouchable(), records: untouchable(), userConf: untouchable(), slots: untouchable() },
    ...{ clock: time.clock, jitteredSleep: time.jitteredSleep },
  }
  const watch = watchBuilders(ports, {
    builders: () => world,
    slots: () => slots,
    ...{ only, policy: undefined },
    show: (id, health) => {
      shown[id] = health
    },
  })
  watch.update()
  opened.push(watch)
  return {
    ...{ time, watch, shown, asked, behaviour },
    open: () => [...open.keys()],
    kill: (id: string, code: FailureCode) => {
      behaviour[id] = code
      open.get(id)?.(assembleFailure('CONNECTION_LOST', { builder: id }))
    },
    restart: () => {
      bootId = 'two'
    },
    change: (part: Partial<BuilderView>) => {
      world = world.map((builder) => ({ ...builder, ...part }))
      watch.update()
    },
    take: (taken: Record<string, number>) => {
      slots = taken
      watch.update()
    },
  }
}

const opened: { close(): void }[] = []
afterEach(() => {
  for (const watch of opened.splice(0)) watch.close()
})

/** Lets what has been promised settle. */
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await setImmediate()
}

describe('the first probes without a policy', () => {
  test('report how each builder does', async () => {
    const anna = aBuilder('anna')
    const { watch, shown } = watching([anna, aBuilder('otto')], { otto: 'CONNECTION_REFUSED' })
    await watch.probed(1_000)
    expect(shown.anna).toMatchObject({ state: 'ready', handshakeAt: anna.proof?.at })
    expect(shown.otto).toMatchObject({ state: 'unreachable', failure: { code: 'CONNECTION_REFUSED' } })
  })

  test('say since when from the answer on, not from the first attempt to connect', async () => {
    const { watch, shown, time } = watching([aBuilder('anna')], {}, { connectMs: 3_000 })
    const probed = watch.probed(10_000)
    const startMs = time.nowMs()
    await time.pass(4_000)
    await probed
    expect(shown.anna?.since).toBe(new Date(startMs + 3_000).toISOString())
  })

  test('turn no builder green that was not proven', async () => {
    const { proof: _, ...builder } = aBuilder('anna', { state: 'unproven' })
    const { watch, shown } = watching([builder], {})
    await watch.probed(1_000)
    expect(shown.anna?.state).toBe('unproven')
  })

  test('ask neither a paused builder, nor one in quarantine, nor one behind a jump host', async () => {
    const jump = { host: 'gate', port: 22, user: 'me', hostKeys: [] }
    const { watch, asked, shown } = watching(
      [
        aBuilder('anna', { enabled: false, state: 'paused' }),
        aBuilder('otto', { quarantined: true }),
        aBuilder('karl', { jump }),
        aBuilder('emil', { enabled: false, suspendedSince: '2026-01-01T00:00:00.000Z', state: 'suspended' }),
      ],
      {},
    )
    await watch.probed(1_000)
    expect(asked).toEqual(['emil'])
    expect(Object.keys(shown)).toEqual(['emil'])
  })

  test('are of the one builder alone that is asked for', async () => {
    const { watch, asked, shown } = watching([aBuilder('anna'), aBuilder('otto')], {}, { only: 'otto' })
    await watch.probed(1_000)
    expect(asked).toEqual(['otto'])
    expect(Object.keys(shown)).toEqual(['otto'])
  })

  test('end by their deadline, whoever is silent', async () => {
    const { watch, shown, time } = watching([aBuilder('anna'), aBuilder('otto')], { anna: 'frozen' })
    let areProbed = false
    const probed = watch.probed(10_000).then(() => {
      areProbed = true
    })
    await time.pass(9_900)
    expect(areProbed).toBe(false)
    await time.pass(200)
    await probed
    expect(shown.anna).toMatchObject({
      state: 'unreachable',
      failure: { code: 'TIMED_OUT', facts: { builder: 'anna', host: 'anna.lan', port: '22' } },
    })
    expect(shown.otto?.state).toBe('ready')
  })

  test('have ended for one whose connection broke only once it is known whether it is back', async () => {
    const { watch, shown } = watching([aBuilder('anna')], { anna: 'CONNECTION_LOST' })
    await watch.probed(1_000)
    expect(shown.anna).toMatchObject({ state: 'unreachable', failure: { code: 'CONNECTION_LOST' } })
  })

  test.each([
    ['os', 'NOT_WATCHED'],
    ['none', 'KEYCHAIN_UNAVAILABLE'],
  ] as const)('say that there is no key to probe with, with a keychain: %s', async (kind, code) => {
    const { watch, shown, asked } = watching([aBuilder('anna')], {}, { hasKey: false, kind })
    await watch.probed(1_000)
    expect(shown.anna).toMatchObject({ state: 'needs-you', failure: { code } })
    expect(asked).toEqual([])
  })

  test('of a dozen builders make Node warn of no leak', async () => {
    const warnings: string[] = []
    const onWarning = ({ name }: Error) => warnings.push(name)
    process.on('warning', onWarning)
    try {
      const builders = Array.from({ length: 12 }, (_, at) => aBuilder(`b${at}`))
      const { watch, open } = watching(builders, {})
      await watch.probed(1_000)
      expect(open()).toHaveLength(12)
      await settle()
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', onWarning)
    }
  })
})

describe('a builder that is watched without a policy', () => {
  test('is shown lost and back, over one connection at a time, which ends with the watching', async () => {
    const { time, shown, kill, open, behaviour, watch } = watching([aBuilder('anna')], {})
    await time.pass(1_000)
    expect(shown.anna?.state).toBe('ready')
    expect(open()).toEqual(['anna'])
    kill('anna', 'CONNECTION_REFUSED')
    await time.pass(100)
    expect(shown.anna).toMatchObject({ state: 'unreachable', failure: { code: 'CONNECTION_REFUSED' } })
    behaviour.anna = 'up'
    await time.pass(30_000)
    expect(shown.anna?.state).toBe('ready')
    expect(open()).toEqual(['anna'])
    watch.close()
    await settle()
    expect(open()).toEqual([])
  })

  test('is neither suspended nor reinstated, whatever it does and whoever has suspended it', async () => {
    const suspended = aBuilder('anna', {
      ...{ enabled: false, suspendedSince: '2026-01-01T00:00:00.000Z', state: 'suspended' },
    })
    const { time, shown, kill } = watching([suspended, aBuilder('otto')], {})
    await time.pass(60_000)
    kill('otto', 'TIMED_OUT')
    await time.pass(600_000)
    expect(shown.otto?.state).toBe('unreachable')
  })

  test('is shown building while Nix has a slot of it', async () => {
    const { time, shown, take } = watching([aBuilder('anna')], {})
    await time.pass(1_000)
    take({ 'ssh-ng:__millwright-anna': 1 })
    expect(shown.anna?.state).toBe('building')
  })

  test('keeps its last proof over another start of that machine, and takes a newer one from the files', async () => {
    const { time, shown, restart, change } = watching([aBuilder('anna')], {})
    await time.pass(1_000)
    restart()
    await time.pass(6_000)
    expect(shown.anna?.state).toBe('ready')
    const proof = { drvPath: '/d', outPath: '/o', builtOn: 'anna', durationMs: 900 }
    change({ proof: { ...proof, at: '2026-02-02T00:00:00.000Z' } })
    expect(shown.anna).toMatchObject({ state: 'ready', handshakeAt: '2026-02-02T00:00:00.000Z' })
  })
})
