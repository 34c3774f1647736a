import { logged } from './failures'
import { createHealthSink } from './health-sink'
import type { JitteredSleep } from './ports/monitor'
import type { Ports } from './ports/ports'
import type { Store } from './store'
import { hearHealth } from './told-health'
import { pingOthers } from './usecases/status/ping-others'
import { createSharedTimer } from './usecases/watching/shared-timer'
import { endDuePauses } from './usecases/watching/suspend-builder'
import { watchBuilders } from './usecases/watching/watch-builders'
import { watchBuilds } from './usecases/watching/watch-builds'
import type { WatchPolicy } from './usecases/watching/watch-context'

/** As often as builds are observed while there are none, so that both are one wake. */
const slotsEveryMs = 5_000
const othersEveryMs = 30 * 60_000
/** Who has not answered by then is too slow to be waited for. */
const firstProbesMs = 10_000

export interface WatcherOptions {
  readonly ports: Ports
  readonly store: Store
  readonly countSlots: () => Promise<void>
  /** Undefined: it probes, observes and shows, makes no handshake as root and writes nothing, as beside an app. */
  readonly policy?: WatchPolicy
  /** That builder alone. */
  readonly only?: string
}

/** What an app or a terminal does by itself for as long as it stays. */
export interface Watcher {
  /** This computer has woken up, or is in another network. */
  wake(): void
  /** Settles once each builder has been probed, at the latest after 10 s, and builds have been observed after that. */
  probed(): Promise<void>
  /** Settles once what has been seen is kept. */
  close(): Promise<void>
}

/** Watches builders, builds and slots until it is closed; with a policy it also ends pauses and keeps the past. */
export function createWatcher({ store, countSlots, policy, only, ...given }: WatcherOptions): Watcher {
  const ports = policy ? given.ports : withoutWrites(given.ports)
  const stopping = new AbortController()
  const { signal } = stopping
  const join = createSharedTimer(ports, signal)
  const jitteredSleep: JitteredSleep = (ms, until) => join(ms, until).done
  const sink = createHealthSink(store, signal)
  const hearing = policy ? undefined : hearHealth({ told: ports.told, jitteredSleep }, sink, signal)
  const watch = watchBuilders(ports, {
    builders: () => store.state().builders,
    only,
    slots: () => store.state().slots,
    policy,
    show: hearing?.show ?? sink,
  })
  const builds = watchBuilds(
    { ...ports, jitteredSleep },
    { health: () => store.state().health, show: (view) => store.update({ builds: view }) },
  )
  const unsubscribe = store.subscribe(() => watch.update())
  watch.update()
  const stopWaking = ports.onWake(() => watch.wake())
  const stopForgetting = policy ? forgetSeries(ports, store) : undefined

  const keepCounting = async () => {
    while (!signal.aborted) {
      await countSlots()
      await jitteredSleep(slotsEveryMs, signal)
    }
  }
  void keepCounting()
  if (policy) void endPauses(ports, signal)
  if (policy) void lookAtOthers(ports, store, signal)
  return {
    wake: watch.wake,
    probed: async () => {
      await Promise.all([watch.probed(firstProbesMs), hearing?.heard])
      await builds.observe()
    },
    close: () => {
      stopping.abort()
      unsubscribe()
      stopWaking()
      stopForgetting?.()
      watch.close()
      return builds.close()
    },
  }
}

/** The app's own: what it may do is read from the store at that moment. */
export function createWatchPolicy(store: Store, refresh: () => Promise<void>): WatchPolicy {
  return {
    isBusy: (id) =>
      store
        .state()
        .jobs.some((job) => job.builderId === id && ['running', 'asking', 'undoing'].includes(job.state)),
    maySwitch: () => ['pkexec', 'root', 'not-needed'].includes(store.state().helper.way),
    suspends: () => store.state().preferences.suspend,
    refresh,
  }
}

/** For who only reads: the app beside it owns the files. */
function withoutWrites(ports: Ports): Ports {
  return {
    ...ports,
    series: { ...ports.series, add: () => undefined },
    finishedBuilds: { ...ports.finishedBuilds, write: async () => undefined },
  }
}

async function endPauses(ports: Ports, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A pause made meanwhile is seen by the next round: none is shorter than a minute.
    const nextMs = await endDuePauses(ports).catch(logged(ports.log, 'pauses-not-ended'))
    await ports.jitteredSleep(nextMs ?? 15_000, signal)
  }
}

/** Builders of others are asked as seldom as ours are where nothing happens; a line that is new, within a minute. */
async function lookAtOthers(ports: Ports, store: Store, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { unmanaged, answers: known } = store.state()
    const dueMs = ports.clock.now().getTime() - othersEveryMs
    const due = unmanaged.filter(({ key = '' }) => !(Date.parse(known[key]?.at ?? '') > dueMs))
    const seen = await pingOthers(ports, due)
    if (Object.keys(seen).length > 0)
      store.update((state) => ({ ...state, answers: { ...state.answers, ...seen } }))
    await ports.jitteredSleep(60_000, signal)
  }
}

/** Drops the charts of builders that are no more; only where root's files could be read. Returns how to stop. */
function forgetSeries({ series }: Pick<Ports, 'series'>, store: Store): () => void {
  let seen: unknown
  let kept = ''
  return store.subscribe(() => {
    const { builders, helper } = store.state()
    if (builders === seen || helper.generation === undefined) return
    seen = builders
    const ids = builders.map(({ id }) => id)
    if (ids.join() === kept) return
    kept = ids.join()
    void series.keepOnly(ids)
  })
}
