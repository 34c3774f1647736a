import type { BuilderView } from '../contract/snapshot'
import { foldBuilds } from '../core/builds/fold'
import { isProbed } from '../core/health/probed'
import { createHealthSink } from './health-sink'
import type { Ports } from './ports/ports'
import type { Store } from './store'
import { withRunningBuilds } from './usecases/steps/running-builds'
import { probeBuilders, probeContinuouslyOne } from './usecases/watching/probe-builders'

const buildsEveryMs = 2_000
const shownBuilds = 100

/**
 * Sees once how builders do and what is built now, and keeps it in the store. Changes nothing, so it may run beside
 * the app; `id`: that builder alone.
 */
export async function probeOnce(ports: Ports, store: Store, id?: string): Promise<void> {
  const builders = store.state().builders.filter((builder) => id === undefined || builder.id === id)
  await probeBuilders(ports, builders, createHealthSink(store, new AbortController().signal))
  await lookAtBuilds(ports, store)
}

/** The same without end: holds a connection to each builder that is on or suspended. Returns how to stop. */
export function probeContinuously(ports: Ports, store: Store, id?: string): () => void {
  const stopping = new AbortController()
  const followed = new Map<string, AbortController>()
  const show = createHealthSink(store, stopping.signal)
  let seen: readonly BuilderView[] | undefined

  const update = () => {
    const { builders } = store.state()
    if (builders === seen) return
    seen = builders
    const wanted = builders.filter((builder) => isProbed(builder) && (id === undefined || builder.id === id))
    const keys = new Map(wanted.map((builder) => [keyOf(builder), builder]))
    for (const [key, follow] of followed) {
      if (keys.has(key)) continue
      follow.abort()
      followed.delete(key)
    }
    for (const [key, builder] of keys) {
      if (followed.has(key)) continue
      const follow = new AbortController()
      followed.set(key, follow)
      const now = () => store.state().builders.find((one) => one.id === builder.id) ?? builder
      void probeContinuouslyOne(ports, builder, now, show, follow.signal)
    }
    const ids = new Set(wanted.map((builder) => builder.id))
    for (const of of Object.keys(store.state().health)) if (!ids.has(of)) show(of, undefined)
  }
  const unsubscribe = store.subscribe(update)
  update()

  const refresh = async () => {
    while (!stopping.signal.aborted) {
      await lookAtBuilds(ports, store)
      await ports.jitteredSleep(buildsEveryMs, stopping.signal)
    }
  }
  void refresh()
  return () => {
    stopping.abort()
    unsubscribe()
    for (const follow of followed.values()) follow.abort()
  }
}

async function lookAtBuilds(ports: Ports, store: Store): Promise<void> {
  const { health } = store.state()
  const lists = Object.entries(health).map(([id, { sample }]) => [id, sample?.buildNames ?? []] as const)
  const [seen, taken] = await Promise.all([ports.builds.observe(new Map(lists)), ports.slots.taken()])
  const nowMs = ports.clock.now().getTime()
  store.update((state) => {
    const builders = state.builders.map((builder) => withRunningBuilds(builder, taken))
    const isSame = builders.every((builder, at) => builder === state.builders[at])
    const { finished, ...builds } = foldBuilds(state.builds, seen, nowMs)
    const shown = { ...builds, finished: finished.slice(0, shownBuilds) }
    return { ...state, builds: shown, ...(isSame ? {} : { builders }) }
  })
}

/** One that moved, got other keys or was proven since is another one. */
function keyOf({ id, host, port, user, hostKeys, state, proof }: BuilderView): string {
  return JSON.stringify([id, host, port, user, hostKeys, state, proof?.at])
}
