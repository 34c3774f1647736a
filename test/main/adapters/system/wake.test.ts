import { expect, it } from 'vitest'
import { createOnWake } from '../../../../main/adapters/system/wake'
import { until } from '../../../world/fleet/process'

/** Holds this process up as a sleep of the computer would. */
const sleepDeeply = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

it('tells that the computer has slept, once for each sleep', async () => {
  let wakes = 0
  const stop = createOnWake({ periodMs: 200 })(() => wakes++)
  for (const sleeps of [1, 2]) {
    sleepDeeply(700)
    await until('it is told', async () => wakes >= sleeps, 2_000)
  }
  stop()
  sleepDeeply(700)
  await new Promise(setImmediate)
  expect(wakes).toBe(2)
})
