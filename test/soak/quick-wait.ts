import { setTimeout } from 'node:timers/promises'
import type { JitteredSleep } from '../../main/ports/monitor'

/** Thirty times the pace of the app: what it waits for by itself, not what it waits for of others. */
export const pace = 30

/** In place of `main/adapters/system/jittered-sleep.ts`. */
export const jitteredSleep: JitteredSleep = async (ms, signal) => {
  const about = (ms * (0.9 + 0.2 * Math.random())) / pace
  await setTimeout(about, undefined, { signal }).catch(() => undefined)
}
