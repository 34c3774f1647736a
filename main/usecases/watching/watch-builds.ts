import { type BuildsView, noBuilds } from '../../../contract/builds'
import type { HealthView } from '../../../contract/health'
import { foldBuilds } from '../../../core/builds/fold'
import { coalesce } from '../../../core/sync/coalesce'
import { logged } from '../../failures'
import type { Ports } from '../../ports/ports'

const shownBuilds = 100
const busyMs = 1_000
const idleMs = 5_000
const writeEveryMs = 5_000

export interface WatchedBuilds {
  /** What builders say is built there. */
  health(): Readonly<Record<string, HealthView>>
  /** Called only when something changed that can be seen. */
  show(builds: BuildsView): void
}

export interface BuildsWatch {
  /** Settles after an observation that has begun since. */
  observe(): Promise<void>
  /** Settles once what has finished is kept. */
  close(): Promise<void>
}

/** Observes what runs on this computer's behalf, again and again, and keeps what has finished. */
export function watchBuilds(
  ports: Pick<Ports, 'builds' | 'finishedBuilds' | 'clock' | 'jitteredSleep' | 'log'>,
  { health, show }: WatchedBuilds,
): BuildsWatch {
  const stopping = new AbortController()
  const { signal } = stopping
  let view: BuildsView | undefined
  let shown = ''
  let unwritten: BuildsView['finished'] | undefined
  let writtenMs = 0
  let writing: Promise<void> = Promise.resolve()
  const write = (): Promise<void> => {
    const finished = unwritten
    unwritten = undefined
    if (finished) writing = writing.then(() => ports.finishedBuilds.write(finished))
    return writing
  }

  const observe = coalesce(async () => {
    const before = view ?? { ...noBuilds, finished: await ports.finishedBuilds.read() }
    const seen = await ports.builds.observe(listsOf(health()))
    const nowMs = ports.clock.now().getTime()
    view = foldBuilds(before, seen, nowMs)
    if (view.finished !== before.finished) unwritten = view.finished
    const { feed, running } = view
    const finished = view.finished.slice(0, shownBuilds)
    const text = JSON.stringify({ feed, running, last: finished[0]?.id, count: finished.length })
    if (text !== shown && !signal.aborted) show({ feed, running, finished })
    shown = text
    // By a clock that may be set: a difference in either direction counts.
    if (!unwritten || Math.abs(nowMs - writtenMs) < writeEveryMs) return
    writtenMs = nowMs
    await write()
  })
  const watch = async () => {
    while (!signal.aborted) {
      await observe()
      await ports.jitteredSleep(view && view.running.length > 0 ? busyMs : idleMs, signal)
    }
  }
  void watch().catch(logged(ports.log, 'builds-watch-ended'))
  return {
    observe,
    close: () => {
      stopping.abort()
      ports.builds.close()
      return write()
    },
  }
}

function listsOf(health: Readonly<Record<string, HealthView>>): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>()
  for (const [id, { sample }] of Object.entries(health)) if (sample) lists.set(id, sample.buildNames)
  return lists
}
