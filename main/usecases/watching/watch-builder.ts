import type { Failure } from '../../../contract/failure'
import type { BuilderView } from '../../../contract/snapshot'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { createHandshakeScheduler } from './handshake-scheduler'
import { createProbeConnection, type ProbeOutcome } from './probe-connection'
import { seriesPoint } from './series-point'
import { createSuspensionPolicy } from './suspension-policy'
import { trackHealth } from './track-health'
import type { WatchPorts, WatchRules } from './watch-context'

/** A connection that broke and is made again within this time is no news. */
const quietMs = 1_000

export interface BuilderWatch {
  /** Root's files, the slots or a proof say something new of it. */
  readonly report: ReturnType<typeof trackHealth>['report']
  readonly revision: () => number
  /** Looks at once, and gives a connection up that does not answer soon. */
  wake(): void
}

/** Looks at one builder until aborted, suspends it when it is gone and reinstates it after a real handshake. */
export function watchBuilder(
  ports: WatchPorts,
  rules: WatchRules,
  builder: BuilderView,
  provenAt: string | undefined,
  signal: AbortSignal,
): BuilderWatch {
  const { id } = builder
  const tracker = trackHealth(builder, provenAt, ports, (view) => {
    if (!signal.aborted) rules.show(id, view)
  })
  const connection = createProbeConnection(ports, builder, signal, (failure) =>
    interrupt({ observation: { outcome: 'failed', code: failure.code }, failure }),
  )
  const scheduler = createHandshakeScheduler(ports, rules, id, tracker, signal)
  const applyPolicy = createSuspensionPolicy(ports, rules, builder, scheduler, signal)
  let isWoken = false
  /** What has shown itself without a probe: a connection that ended, a handshake beside the probes that failed. */
  let news: ProbeOutcome | undefined
  let endWait = () => {}
  const interrupt = (seen: ProbeOutcome) => {
    news = seen
    endWait()
  }

  /** Looks, the cheap way or root's, and tells what it has shown. */
  async function probe(): Promise<ProbeOutcome> {
    const isHurried = isWoken
    isWoken = false
    const seen = await connection.probe(isHurried)
    if (!seen) return await scheduler.now()
    if (seen.sample) {
      tracker.report({ kind: 'sample', sample: seen.sample })
      ports.series.add(id, seriesPoint(seen.sample, tracker.now().slots))
    }
    if (seen.observation.outcome !== 'unknown' || !seen.failure || signal.aborted) return seen
    tracker.report({ kind: 'lost', failure: seen.failure })
    return await scheduler.now()
  }

  /** Waits, but not longer than until something happens. */
  async function rest(ms: number): Promise<void> {
    if (isWoken || news) return
    const join = ms === rules.probeIntervalMs() ? rules.joinRound() : undefined
    const wait = join?.(ms, signal) ?? cancellableSleep(ports, ms, signal)
    endWait = wait.cancel
    await wait.done
  }

  /** Tells of a loss when the next probe, which follows at once, has not been answered within a moment. */
  function tellSoon(failure: Failure): () => void {
    let isAnswered = false
    const wait = cancellableSleep(ports, quietMs, signal)
    void wait.done.then(() => {
      if (!isAnswered) tracker.report({ kind: 'lost', failure })
    })
    return () => {
      isAnswered = true
      wait.cancel()
    }
  }

  async function run(): Promise<void> {
    let hush = () => {}
    while (!signal.aborted) {
      const seen = takeNews() ?? (await probe())
      hush()
      hush = () => {}
      const failure = seen.observation.outcome === 'failed' && !seen.isCostly ? seen.failure : undefined
      const mayBeBack = failure?.code === 'CONNECTION_LOST'
      if (failure && !mayBeBack) tracker.report({ kind: 'lost', failure })
      const nextMs = await applyPolicy(seen)
      if (failure && mayBeBack && nextMs === 0) hush = tellSoon(failure)
      else if (failure && mayBeBack) tracker.report({ kind: 'lost', failure })
      if (signal.aborted) break
      scheduler.consider(seen, interrupt)
      if (nextMs > 0) await rest(nextMs)
    }
    hush()
  }
  function takeNews(): ProbeOutcome | undefined {
    const seen = news
    news = undefined
    return seen
  }

  void run().finally(() => {
    connection.drop()
    scheduler.leave()
  })
  return {
    report: tracker.report,
    revision: () => tracker.now().handshake.revision,
    wake: () => {
      isWoken = true
      endWait()
    },
  }
}
