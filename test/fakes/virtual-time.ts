import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../main/ports/local'
import type { JitteredSleep } from '../../main/ports/monitor'

/** Time that passes only when a test lets it, for code whose clocks and waits come through ports. */
export interface VirtualTime {
  readonly clock: Clock
  readonly jitteredSleep: JitteredSleep
  nowMs(): number
  /** Lets so much time pass, each wait ending in its turn. */
  pass(ms: number): Promise<void>
}

export function virtualTime(startMs = Date.UTC(2026, 10, 24)): VirtualTime {
  let nowMs = startMs
  let ids = 0
  const waits = new Set<{ readonly atMs: number; readonly end: () => void }>()
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate()
  }
  return {
    nowMs: () => nowMs,
    clock: {
      now: () => new Date(nowMs),
      newId: () => `id${(++ids).toString(36).padStart(10, '0')}`,
    },
    jitteredSleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const wait = {
          atMs: nowMs + ms,
          end: () => {
            waits.delete(wait)
            signal.removeEventListener('abort', wait.end)
            resolve()
          },
        }
        waits.add(wait)
        signal.addEventListener('abort', wait.end, { once: true })
      }),
    pass: async (ms) => {
      const endMs = nowMs + ms
      await settle()
      for (;;) {
        const [next] = [...waits].sort((one, other) => one.atMs - other.atMs)
        if (!next || next.atMs > endMs) break
        nowMs = Math.max(nowMs, next.atMs)
        next.end()
        await settle()
      }
      nowMs = endMs
    },
  }
}
