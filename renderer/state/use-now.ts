import { useSyncExternalStore } from 'react'

/** The time, new once in a period; one timer for all that show it, none while nobody does. */
function createClock(periodMs: number) {
  let nowMs = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    nowMs = Date.now()
    timer ??= setInterval(() => {
      nowMs = Date.now()
      for (const each of listeners) each()
    }, periodMs)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }
  return { subscribe, get: () => nowMs }
}

const slow = createClock(10_000)
const fast = createClock(1000)

/** The time in milliseconds, new every ten seconds: for ages. */
export const useNow = (): number => useSyncExternalStore(slow.subscribe, slow.get)

/** The time in milliseconds, new every second: for what runs before one's eyes. */
export const useSeconds = (): number => useSyncExternalStore(fast.subscribe, fast.get)
