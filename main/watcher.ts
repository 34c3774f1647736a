import { logged } from './failures'
import { createHealthSink } from './health-sink'
import type { JitteredSleep } from './ports/monitor'
import type { Ports } from './ports/ports'
import type { Store } from './store'
import { withRunningBuilds } from './usecases/steps/running-builds'
import { createSharedTimer } from './usecases/watching/shared-timer'
import { endDuePauses } from './usecases/watching/suspend-builder'
import { watchBuilders } from './usecases/watching/watch-builders'
import { watchBuilds } from './usecases/watching/watch-builds'

/** As often as builds are looked at while there are none, so that both are one wake. */
const slotsEveryMs = 5_000

/** What an app that stays does by itself. */
export interface Watcher {
  /** This computer has woken up, or is in another network. */
  wake(): void
  close(): void
}

/** Watches builders, counts their builds, ends pauses, until it is closed. */
export function createWatcher(ports: Ports, store: Store, refresh: () => Promise<void>): Watcher {
  const stopping = new AbortController()
  const { signal } = stopping
  const show = createHealthSink(store, signal)
  const join = createSharedTimer(ports, signal)
  const jitteredSleep: JitteredSleep = (ms, until) => join(ms, until).done
  const watch = watchBuilders(ports, {
    builders: () => store.state().builders,
    isBusy: (id) =>
      store
        .state()
        .jobs.some((job) => job.builderId === id && ['running', 'asking', 'undoing'].includes(job.state)),
    maySwitch: () => ['pkexec', 'root'].includes(store.state().helper.way),
    suspends: () => store.state().preferences.suspend,
    refresh,
    show,
  })
  const unsubscribe = store.subscribe(() => watch.update())
  watch.update()
  const stopWaking = ports.onWake(() => watch.wake())
  const stopForgetting = forgetSeries(ports, store)

  const stopBuilds = watchBuilds(
    { ...ports, jitteredSleep },
    {
      health: () => store.state().health,
      show: (builds) => store.update({ builds }),
    },
  )

  const countBuilds = async () => {
    while (!signal.aborted) {
      const taken = await ports.slots.taken()
      const before = store.state().builders
      const builders = before.map((builder) => withRunningBuilds(builder, taken))
      if (builders.some((builder, at) => builder !== before[at])) store.update({ builders })
      await jitteredSleep(slotsEveryMs, signal)
    }
  }
  const endPauses = async () => {
    while (!signal.aborted) {
      // A pause made meanwhile is seen by the next round: none is shorter than a minute.
      const nextMs = await endDuePauses(ports).catch(logged(ports.log, 'pauses-not-ended'))
      await ports.jitteredSleep(nextMs ?? 15_000, signal)
    }
  }
  void countBuilds()
  void endPauses()
  return {
    wake: watch.wake,
    close: () => {
      stopping.abort()
      unsubscribe()
      stopWaking()
      stopForgetting()
      stopBuilds()
      watch.close()
    },
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
