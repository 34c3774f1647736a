import { setTimeout } from 'node:timers/promises'
import type { JitteredSleep } from '../../ports/monitor'

/** Waits with this computer's timers and chance. */
export const jitteredSleep: JitteredSleep = (ms, signal) =>
  // An abort ends the wait, which is what it is for.
  setTimeout(ms * (0.9 + Math.random() * 0.2), undefined, { signal }).catch(() => undefined)
