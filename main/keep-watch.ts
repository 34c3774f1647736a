import type { Ports } from './ports/ports'
import type { Store } from './store'
import { withRunningBuilds } from './usecases/running-builds'
import { endDuePauses } from './usecases/suspend-builder'
import { watchBuilders } from './usecases/watch-builders'
import { watchBuilds } from './usecases/watch-builds'

const slotsEveryMs = 2_000

/** What an app that stays does by itself: watch builders, count their builds, end pauses. Answers how to stop. */
export function keepWatch(ports: Ports, store: Store, look: () => Promise<void>): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  const watch = watchBuilders(ports, {
    builders: () => store.snapshot().builders,
    isBusy: (id) =>
      store
        .snapshot()
        .jobs.some((job) => job.builderId === id && ['running', 'asking', 'undoing'].includes(job.state)),
    look,
  })
  const unsubscribe = store.subscribe(() => watch.update())
  watch.update()

  const stopBuilds = watchBuilds(ports, {
    health: () => store.state().health,
    show: (builds) => store.update({ builds }),
  })

  const countBuilds = async () => {
    while (!signal.aborted) {
      const taken = await ports.slots.taken()
      const before = store.snapshot().builders
      const builders = before.map((builder) => withRunningBuilds(builder, taken))
      if (builders.some((builder, at) => builder !== before[at])) store.update({ builders })
      await ports.waitAbout(slotsEveryMs, signal)
    }
  }
  const endPauses = async () => {
    while (!signal.aborted) {
      // A pause made meanwhile is seen by the next round: none is shorter than a minute.
      const nextMs = await endDuePauses(ports).catch(() => undefined)
      await ports.waitAbout(nextMs ?? 15_000, signal)
    }
  }
  void countBuilds()
  void endPauses()
  return () => {
    stopping.abort()
    unsubscribe()
    stopBuilds()
    watch.close()
  }
}
