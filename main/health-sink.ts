import type { HealthView } from '../contract/health'
import type { Store } from './store'

/** Samples of many builders go into the store together, no later than this; another state goes in at once. */
const gapMs = 1_000

/** Puts health into the store. Returns how to show that of one builder; undefined drops it. */
export function createHealthSink(
  store: Store,
  signal: AbortSignal,
): (id: string, health: HealthView | undefined) => void {
  const waiting = new Map<string, HealthView | undefined>()
  let timer: NodeJS.Timeout | undefined
  const put = () => {
    clearTimeout(timer)
    timer = undefined
    const health: Record<string, HealthView> = { ...store.state().health }
    for (const [id, view] of waiting) {
      if (view) health[id] = view
      else delete health[id]
    }
    waiting.clear()
    store.update({ health })
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  return (id, view) => {
    if (signal.aborted) return
    const before = waiting.has(id) ? waiting.get(id) : store.state().health[id]
    if (view === before) return
    waiting.set(id, view)
    if (view?.state !== before?.state) put()
    else timer ??= setTimeout(put, gapMs)
  }
}
