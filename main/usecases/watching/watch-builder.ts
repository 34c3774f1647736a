import type { Failure } from '../../../contract/failure'
import type { BuilderView } from '../../../contract/snapshot'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { createHandshakeScheduler } from './handshake-scheduler'
import { createProbeConnection, type ProbeOutcome, withoutKey } from './probe-connection'
import { seriesPoint } from './series-point'
import { createSuspensionPolicy } from './suspension-policy'
import { trackHealth } from './track-health'
import type { WatchPorts, WatchRules } from './watch-context'

/** A connection that broke and is made again within this time is not reported. */
const quietMs = 1_000

export interface BuilderWatch {
  /** Root's files, the slots or a proof say something new of it. */
  readonly report: ReturnType<typeof trackHealth>['report']
  readonly revision: () => number
  /** Settles once the first probe was answered, or has failed for good. */
  readonly probed: Promise<void>
  /** Takes a builder whose first probe has not ended yet for one that was too slow. */
  expire(): void
  /** Probes at once, and gives a connection up that does not answer soon. */
  wake(): void
}

/**
 * Probes one builder until aborted; with a policy it suspends one that is gone and reinstates it after a real
 * handshake.
 */
export function watchBuilder(
  ports: WatchPorts,
  rules: WatchRules,
  builder: BuilderView,
  provenAt: string | undefined,
  signal: AbortSignal,
): BuilderWatch {
  const { id, host, port } = builder
  const tracker = trackHealth(ports, rules, builder, provenAt, (view) => {
    if (!signal.aborted) rules.show(id, view)
  })
  const connection = createProbeConnection(
    ports,
    builder,
    signal,
    (failure) => interrupt({ observation: { outcome: 'failed', code: failure.code }, failure }),
    rules.probeIntervalMs,
  )
  const scheduler = createHandshakeScheduler(ports, rules, id, tracker, signal)
  const applyPolicy = createSuspensionPolicy(ports, rules, builder, scheduler, signal)
  let isWoken = false
  let isProbed = false
  let settleProbed = () => {}
  const probed = new Promise<void>((resolve) => {
    settleProbed = resolve
  })
  /** What has shown itself without a probe: a connection that ended, a handshake beside the probes that failed. */
  let interruption: ProbeOutcome | undefined
  let endWait = () => {}
  const interrupt = (outcome: ProbeOutcome) => {
    interruption = outcome
    endWait()
  }

  /** Probes, with the watching key or as root, and reports what it has shown. */
  async function probe(): Promise<ProbeOutcome> {
    const isHurried = isWoken
    isWoken = false
    const seen =
      (await connection.probe(isHurried)) ?? (rules.policy ? undefined : await withoutKey(ports, id))
    if (!seen) return await scheduler.now()
    if (seen.sample) {
      ports.series.add(id, seriesPoint(seen.sample, tracker.now().slots))
      tracker.report({ kind: 'sample', sample: seen.sample })
    }
    if (seen.observation.outcome !== 'unknown' || !seen.failure || signal.aborted) return seen
    tracker.report({ kind: 'lost', failure: seen.failure })
    return rules.policy ? await scheduler.now() : seen
  }

  /** Waits, but not longer than until something happens. */
  async function rest(ms: number): Promise<void> {
    if (isWoken || interruption) return
    const join = ms === rules.probeIntervalMs() ? rules.joinRound() : undefined
    const wait = join?.(ms, signal) ?? cancellableSleep(ports, ms, signal)
    endWait = wait.cancel
    await wait.done
  }

  /** Reports a loss when the next probe, which follows at once, has not been answered within a moment. */
  function reportSoon(failure: Failure): () => void {
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
    let cancelReport = () => {}
    while (!signal.aborted) {
      const seen = takeInterruption() ?? (await probe())
      cancelReport()
      cancelReport = () => {}
      const failure = seen.observation.outcome === 'failed' && !seen.isCostly ? seen.failure : undefined
      const mayBeBack = failure?.code === 'CONNECTION_LOST'
      if (failure && !mayBeBack) tracker.report({ kind: 'lost', failure })
      const nextMs = await applyPolicy(seen)
      if (failure && mayBeBack && nextMs === 0) cancelReport = reportSoon(failure)
      else {
        if (failure && mayBeBack) tracker.report({ kind: 'lost', failure })
        isProbed = true
        settleProbed()
      }
      if (signal.aborted) break
      scheduler.consider(seen, interrupt)
      if (nextMs > 0) await rest(nextMs)
    }
    cancelReport()
  }
  function takeInterruption(): ProbeOutcome | undefined {
    const outcome = interruption
    interruption = undefined
    return outcome
  }

  void run().finally(() => {
    settleProbed()
    connection.drop()
    scheduler.leave()
  })
  return {
    report: tracker.report,
    revision: () => tracker.now().handshake.revision,
    probed,
    expire: () => {
      const failure: Failure = { code: 'TIMED_OUT', facts: { builder: id, host, port: String(port) } }
      if (!isProbed) tracker.report({ kind: 'lost', failure })
    },
    wake: () => {
      isWoken = true
      endWait()
    },
  }
}
