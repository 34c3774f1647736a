import { setTimeout } from 'node:timers/promises'
import type { Snapshot } from '../../contract/snapshot'
import { failureWords } from '../../core/failures/words'
import { cleanLine } from '../../core/text/clean-text'
import { formatDuration, plural } from '../../core/text/format'
import type { AppView } from './app-view'
import { exitStatus, type Io } from './io'
import { type Change, changesBetween } from './text/status-changes'
import { buildJson, healthJson, statusJson } from './text/status-json'
import { stateText } from './text/status-text'

/** Changes that come together are printed together. */
const gatherMs = 200
const tickMs = 1_000
/** About as long as a timer of Node can be. */
const longestMs = 2 ** 30

export interface Watching {
  readonly io: Io
  readonly app: Pick<AppView, 'store'>
  /** What of the store is asked for. */
  readonly shown: () => Snapshot
  /** Settles once each builder has been probed, or has had its time. */
  readonly probed: Promise<void>
  /** The same as a person reads it. */
  readonly text: (snapshot: Snapshot, nowMs: number, columns?: number) => string
}

/** Shows how builders do until Ctrl-C, or until nobody reads any more; returns the exit status. */
export async function watchStatus(watching: Watching, json: boolean): Promise<number> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  process.stdout.on('error', stop)
  try {
    if (json) await streamJson(watching, stopping.signal)
    else if (watching.io.screen) await showLive(watching, stopping.signal)
    else await printLines(watching, stopping.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
  return exitStatus.cancelled
}

/** The whole document once everybody has been probed, then a line for each change. */
async function streamJson({ io, app, shown, probed }: Watching, signal: AbortSignal): Promise<void> {
  const print = (document: unknown) => io.out(`${JSON.stringify(document)}\n`)
  await firstProbes(probed, signal)
  if (signal.aborted) return
  let before = shown()
  print(statusJson(before, Date.now()))
  await onChange(app.store, signal, () => {
    const after = shown()
    const nowMs = Date.now()
    const at = new Date(nowMs).toISOString()
    // At one time for both, so that only what was seen makes a difference.
    const health = (builder: Snapshot['builders'][number], of: Pick<Snapshot, 'builds'>) =>
      JSON.stringify(healthJson(builder, of, 0))
    for (const change of changesBetween(before, after, health, nowMs)) {
      if ('build' in change) print({ at, build: buildJson(change.build, change.state) })
      else if ('gone' in change) print({ at, builder: change.gone, health: null })
      else print({ at, builder: change.builder.id, health: healthJson(change.builder, after, nowMs) })
    }
    before = after
  })
}

/** For a log: a line for each change of a state, and for each build that begins or ends. */
async function printLines({ io, app, shown, probed }: Watching, signal: AbortSignal): Promise<void> {
  await firstProbes(probed, signal)
  let before: Pick<Snapshot, 'builders' | 'builds'> = {
    builders: [],
    builds: { ...shown().builds, running: [] },
  }
  const update = () => {
    const after = shown()
    const nowMs = Date.now()
    for (const change of changesBetween(
      before,
      after,
      ({ state, failure }) => `${state} ${failure?.code}`,
      nowMs,
    ))
      io.out(`${new Date(nowMs).toISOString()} ${changeText(change, nowMs)}\n`)
    before = after
  }
  if (!signal.aborted) update()
  await onChange(app.store, signal, update)
}

function changeText(change: Change, nowMs: number): string {
  if ('gone' in change) return `${change.gone}: removed`
  if ('builder' in change) {
    const { builder } = change
    const why = builder.failure ? `: ${failureWords(builder.failure).title}` : ''
    return `${builder.id}: ${stateText(builder, nowMs)}${why}`
  }
  const { build, state } = change
  const where = build.builder === undefined ? 'here' : `on ${build.builder}`
  const who = build.user === undefined ? '' : ` for ${build.user}`
  const end = 'outcome' in build ? ` after ${formatDuration(build.durationMs)}` : ''
  return cleanLine(`${build.name || 'a build'}: ${state} ${where}${who}${end}`, 200)
}

/** The table, drawn anew in its place; after a change of the terminal's size from the top of an empty one. */
async function showLive({ io, app, shown, text, probed }: Watching, signal: AbortSignal): Promise<void> {
  const { screen } = io
  if (!screen) return
  let areProbed = false
  const draw = () => {
    const snapshot = shown()
    screen.draw(
      areProbed
        ? text(snapshot, Date.now(), screen.columns())
        : `Asking ${plural(snapshot.builders.length, 'builder')} …`,
    )
  }
  const stopResizing = screen.onResize(draw)
  try {
    draw()
    await firstProbes(probed, signal)
    areProbed = true
    if (!signal.aborted) draw()
    await onChange(app.store, signal, draw, tickMs)
  } finally {
    stopResizing()
    screen.leave()
  }
}

/** Waits for the first probes, but not beyond Ctrl-C. */
async function firstProbes(probed: Promise<void>, signal: AbortSignal): Promise<void> {
  const seen = new AbortController()
  void probed.then(() => seen.abort())
  await pauseUntil(longestMs, signal, seen)
}

/** Calls back after changes, and in the given pace; settles when aborted. */
async function onChange(
  store: AppView['store'],
  signal: AbortSignal,
  update: () => void,
  paceMs = longestMs,
): Promise<void> {
  while (!signal.aborted) {
    const changed = new AbortController()
    const unsubscribe = store.subscribe(() => changed.abort())
    await pauseUntil(paceMs, signal, changed)
    unsubscribe()
    await pause(gatherMs, signal)
    if (!signal.aborted) update()
  }
}

/** The same, or when one of both ends it; `AbortSignal.any` would remember each wait for as long as the first lives. */
async function pauseUntil(ms: number, signal: AbortSignal, ending: AbortController): Promise<void> {
  const end = () => ending.abort()
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  await pause(ms, ending.signal)
  signal.removeEventListener('abort', end)
}

/** Settles after so many ms or on abort. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // An abort ends the wait, which is what it is for.
  await setTimeout(ms, undefined, { signal }).catch(() => undefined)
}
