import { isDeepStrictEqual } from 'node:util'
import type { HealthView } from '../contract/health'
import { type ToldHealth, toldOf, withTold } from '../core/health/told'
import { coalesce } from '../core/sync/coalesce'
import type { Ports } from './ports/ports'
import type { Store } from './store'

type Told = Readonly<Record<string, ToldHealth>>
type Show = (id: string, health: HealthView | undefined) => void

/** Said anew after so long though nothing has changed, so that it is known to hold. */
const anewMs = 5 * 60_000
/** How often a terminal that stays looks for it: as often as builders are probed. */
const hearEveryMs = 5_000

/** Tells terminals beside this app the word for each builder, whenever one changes; returns how to end it. */
export function tellHealth(
  { told, jitteredSleep }: Pick<Ports, 'told' | 'jitteredSleep'>,
  store: Store,
): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  let said: Told = {}
  let seen: unknown
  const write = coalesce(async () => {
    if (!signal.aborted) await told.write(said)
  })
  const unsubscribe = store.subscribe(() => {
    const { health } = store.state()
    if (health === seen) return
    seen = health
    const now = Object.fromEntries(Object.entries(health).map(([id, view]) => [id, toldOf(view)]))
    if (isDeepStrictEqual(now, said)) return
    said = now
    void write()
  })
  const keepSaying = async () => {
    while (!signal.aborted) {
      await jitteredSleep(anewMs, signal)
      await write()
    }
  }
  void keepSaying()
  return async () => {
    stopping.abort()
    unsubscribe()
    await told.clear()
  }
}

/** For a terminal that does not look by itself. */
export async function hearOnce({ told }: Pick<Ports, 'told'>, store: Store): Promise<void> {
  const said = await told.read()
  const health = Object.entries(said).map(([id, one]) => [id, withTold(undefined, one)])
  store.update({ health: Object.fromEntries(health) })
}

/** What a terminal's own look shows, in the words of the app that watches beside it. */
export interface Hearing {
  /** Settles once it is known what the app says. */
  readonly heard: Promise<void>
  readonly show: Show
}

export function hearHealth(
  { told, jitteredSleep }: Pick<Ports, 'told' | 'jitteredSleep'>,
  show: Show,
  signal: AbortSignal,
): Hearing {
  const own = new Map<string, HealthView>()
  let said: Told = {}
  const put = (id: string) => show(id, withTold(own.get(id), said[id]))
  const hear = async () => {
    const before = said
    said = await told.read()
    const ids = new Set([...Object.keys(before), ...Object.keys(said)])
    for (const id of ids) if (!isDeepStrictEqual(before[id], said[id])) put(id)
  }
  const keepHearing = async () => {
    while (!signal.aborted) {
      await jitteredSleep(hearEveryMs, signal)
      if (!signal.aborted) await hear()
    }
  }
  const heard = hear()
  void heard.then(keepHearing)
  return {
    heard,
    show: (id, health) => {
      if (health) own.set(id, health)
      else own.delete(id)
      put(id)
    },
  }
}
