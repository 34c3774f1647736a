import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { HealthState } from '../../contract/health'
import type { ToldHealth } from '../../core/health/told'
import { createStore } from '../../main/store'
import { hearOnce, tellHealth } from '../../main/told-health'
import { virtualTime } from '../fakes/virtual-time'
import { aBuilder } from '../fixtures/builder'
import { aSample } from '../fixtures/health'
import { emptyState } from '../fixtures/state'

it('what a window shows of a builder, a terminal beside it lists, until the app ends', async () => {
  const { jitteredSleep } = virtualTime()
  let file: Readonly<Record<string, ToldHealth>> = {}
  let writes = 0
  const told = {
    read: async () => file,
    write: async (now: typeof file) => {
      writes++
      file = now
    },
    clear: async () => {
      file = {}
    },
  }
  const ports = { told, jitteredSleep }
  const state = { ...emptyState, builders: [aBuilder('anna'), aBuilder('otto')] }
  const [window, terminal] = [createStore(state), createStore(state)]
  const stop = tellHealth(ports, window)
  const see = async (anna: HealthState, load1 = 0) => {
    const health = { state: anna, since: '2026-11-24T00:00:00.000Z', sample: aSample({ load1 }), trend: [] }
    window.update({ health: { anna: health } })
    await setImmediate()
    await hearOnce(ports, terminal)
  }
  const words = (store: typeof window) => store.snapshot().builders.map(({ state: word }) => word)
  for (const one of ['ready', 'slow', 'nix-broken', 'disk-low', 'unreachable'] as const) {
    await see(one)
    expect(words(terminal)).toEqual([one, 'ready'])
    expect(words(terminal)).toEqual(words(window))
  }
  const before = writes
  await see('unreachable', 1) // Numbers alone are not worth a write.
  expect(writes).toBe(before)
  await stop()
  await hearOnce(ports, terminal)
  expect(words(terminal)).toEqual(['ready', 'ready'])
})
