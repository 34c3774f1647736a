import type { BuildsView } from '../../../contract/builds'
import type { HealthView } from '../../../contract/health'
import { foldBuilds } from '../../../core/builds/fold'
import { logged } from '../../failures'
import type { Ports } from '../../ports/ports'

const shownBuilds = 100
const busyMs = 1_000
const idleMs = 5_000
const writeEveryMs = 5_000

export interface WatchedBuilds {
  /** What builders say is built there. */
  health(): Readonly<Record<string, HealthView>>
  /** Told only when something changed that can be seen. */
  show(builds: BuildsView): void
}

/** Looks at what runs on this computer's behalf, again and again, and keeps what has finished. Returns how to stop. */
export function watchBuilds(
  ports: Pick<Ports, 'builds' | 'finishedBuilds' | 'clock' | 'jitteredSleep' | 'log'>,
  { health, show }: WatchedBuilds,
): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  let unwritten: BuildsView['finished'] | undefined
  const write = async () => {
    const finished = unwritten
    unwritten = undefined
    if (finished) await ports.finishedBuilds.write(finished)
  }

  const watch = async () => {
    let view: BuildsView = { feed: 'none', running: [], finished: await ports.finishedBuilds.read() }
    let shown = ''
    let writtenMs = 0
    while (!signal.aborted) {
      const seen = await ports.builds.observe(listsOf(health()))
      const nowMs = ports.clock.now().getTime()
      const before = view.finished
      view = foldBuilds(view, seen, nowMs)
      if (view.finished !== before) unwritten = view.finished
      const { feed, running } = view
      const finished = view.finished.slice(0, shownBuilds)
      const text = JSON.stringify({ feed, running, last: finished[0]?.id, count: finished.length })
      if (text !== shown && !signal.aborted) show({ feed, running, finished })
      shown = text
      // By a clock that may be set: a difference in either direction counts.
      if (unwritten && Math.abs(nowMs - writtenMs) >= writeEveryMs) {
        writtenMs = nowMs
        await write()
      }
      await ports.jitteredSleep(running.length > 0 ? busyMs : idleMs, signal)
    }
  }
  void watch().catch(logged(ports.log, 'builds-watch-ended'))
  return () => {
    stopping.abort()
    ports.builds.close()
    void write()
  }
}

function listsOf(health: Readonly<Record<string, HealthView>>): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>()
  for (const [id, { sample }] of Object.entries(health)) if (sample) lists.set(id, sample.buildNames)
  return lists
}
