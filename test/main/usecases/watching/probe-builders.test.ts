import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Failure } from '../../../../contract/failure'
import type { HealthView } from '../../../../contract/health'
import { FailureError } from '../../../../main/failures'
import type { MonitorPort } from '../../../../main/ports/monitor'
import {
  type ProbePorts,
  probeBuilders,
  probeContinuouslyOne,
} from '../../../../main/usecases/watching/probe-builders'
import { aBuilder } from '../../../fixtures/builder'
import { aSample } from '../../../fixtures/health'
import { until } from '../../../world/process'

/** Machines that answer, refuse, or say nothing at all. */
function machines(
  behaviour: Record<string, 'up' | 'down' | 'frozen'>,
  { hasKey = true, kind = 'os' }: { hasKey?: boolean; kind?: 'os' | 'none' } = {},
) {
  const open = new Map<string, (why: Failure) => void>()
  const asked: string[] = []
  let latencyMs = 100
  const silent = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      const abort = () => reject(new FailureError({ code: 'CANCELLED', facts: {} }))
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort)
    })
  const monitor: MonitorPort = {
    connect: async ({ id }, key, signal) => {
      asked.push(id)
      expect(key).toBe('key')
      if (behaviour[id] === 'down')
        throw new FailureError({ code: 'CONNECTION_REFUSED', facts: { builder: id } })
      if (behaviour[id] === 'frozen') return silent(signal)
      let isClosed = false
      const ended = new Promise<Failure>((resolve) => open.set(id, resolve))
      return {
        ended,
        probe: async () => {
          if (isClosed) throw new Error('asked after it was closed')
          latencyMs /= 10
          return aSample({ latencyMs })
        },
        close: () => {
          isClosed = true
          open.delete(id)
        },
      }
    },
  }
  const ports: ProbePorts = {
    monitor,
    keychain: {
      kind: async () => kind,
      filePath: '',
      get: async () => (hasKey ? 'key' : undefined),
      set: async () => undefined,
      delete: async () => undefined,
      consentToFile: async () => undefined,
    },
    clock: { now: () => new Date(), newId: () => '' },
    jitteredSleep: (_, signal) => setTimeout(5, undefined, { signal }).catch(() => undefined),
  }
  const kill = (id: string) => {
    behaviour[id] = 'down'
    open.get(id)?.({ code: 'CONNECTION_LOST', facts: { builder: id } })
  }
  return { ports, asked, kill, open: () => [...open.keys()] }
}

async function look(ports: ProbePorts, builders: Parameters<typeof probeBuilders>[1], deadlineMs = 1_000) {
  const seen: Record<string, HealthView> = {}
  await probeBuilders(
    ports,
    builders,
    (id, health) => {
      seen[id] = health
    },
    deadlineMs,
  )
  return seen
}

describe('one look', () => {
  test('tells how each builder does, and lets go of all of them', async () => {
    const { ports, open } = machines({ anna: 'up', otto: 'down' })
    const anna = aBuilder('anna')
    const seen = await look(ports, [anna, aBuilder('otto')])
    expect(seen.anna).toMatchObject({ state: 'ready', handshakeAt: anna.proof?.at })
    expect(seen.otto).toMatchObject({ state: 'unreachable', failure: { code: 'CONNECTION_REFUSED' } })
    expect(open()).toEqual([])
  })

  test('takes the latency of the second answer', async () => {
    const { ports } = machines({ anna: 'up' })
    expect((await look(ports, [aBuilder('anna')])).anna?.sample?.latencyMs).toBe(1)
  })

  test('turns no builder green that was not proven', async () => {
    const { ports } = machines({ anna: 'up' })
    const { proof: _, ...builder } = aBuilder('anna', { state: 'unproven' })
    expect((await look(ports, [builder])).anna?.state).toBe('unproven')
  })

  test('asks neither a paused builder, nor one in quarantine, nor one behind a machine in between', async () => {
    const { ports, asked } = machines({})
    const jump = { host: 'gate', port: 22, user: 'me', hostKeys: [] }
    await look(ports, [
      aBuilder('anna', { enabled: false, state: 'paused' }),
      aBuilder('otto', { quarantined: true }),
      aBuilder('karl', { jump }),
      aBuilder('emil', { enabled: false, suspendedSince: '2026-01-01T00:00:00.000Z', state: 'suspended' }),
    ])
    expect(asked).toEqual(['emil'])
  })

  test('ends by its deadline, whoever is silent', async () => {
    const { ports } = machines({ anna: 'frozen', otto: 'up' })
    const seen = await look(ports, [aBuilder('anna'), aBuilder('otto')], 100)
    expect(seen.anna).toMatchObject({ state: 'unreachable', failure: { code: 'TIMED_OUT' } })
    expect(seen.otto?.state).toBe('ready')
  })

  test.each([
    ['os', 'NOT_WATCHED'],
    ['none', 'KEYCHAIN_UNAVAILABLE'],
  ] as const)('says that it has no key to look with, with a keychain: %s', async (kind, code) => {
    const { ports, asked } = machines({ anna: 'up' }, { hasKey: false, kind })
    const seen = await look(ports, [aBuilder('anna')])
    expect(seen.anna).toMatchObject({ state: 'needs-you', failure: { code } })
    expect(asked).toEqual([])
  })
})

describe('a builder that is followed', () => {
  test('is shown lost and back, over one connection at a time, which ends with the watching', async () => {
    const behaviour: Record<string, 'up' | 'down'> = { anna: 'up' }
    const { ports, kill, open } = machines(behaviour)
    const stopping = new AbortController()
    const states: string[] = []
    const builder = aBuilder('anna')
    const tell = (_: string, { state }: HealthView) => {
      if (states.at(-1) !== state) states.push(state)
    }
    const following = probeContinuouslyOne(ports, builder, () => builder, tell, stopping.signal)
    const is = (...wanted: string[]) =>
      until(`anna has been ${wanted}`, async () => JSON.stringify(states) === JSON.stringify(wanted))
    await is('ready')
    expect(open()).toEqual(['anna'])
    kill('anna')
    await is('ready', 'unreachable')
    behaviour.anna = 'up'
    await is('ready', 'unreachable', 'ready')
    stopping.abort()
    await following
    expect(open()).toEqual([])
    expect(states).toEqual(['ready', 'unreachable', 'ready'])
  })

  test('is shown building while Nix has a slot of it', async () => {
    const { ports } = machines({ anna: 'up' })
    const stopping = new AbortController()
    let builder = aBuilder('anna')
    let state = ''
    const tell = (_: string, health: HealthView) => {
      state = health.state
    }
    const following = probeContinuouslyOne(ports, builder, () => builder, tell, stopping.signal)
    await until('anna is ready', async () => state === 'ready')
    builder = aBuilder('anna', { runningBuilds: 1 })
    await until('anna builds', async () => state === 'building')
    stopping.abort()
    await following
  })
})
