import type { Failure } from '../../../contract/failure'
import type { HealthView, Sample } from '../../../contract/health'
import type { BuilderView } from '../../../contract/snapshot'
import { foldHealth, newHealth } from '../../../core/health/fold'
import type { Health } from '../../../core/health/health'
import { isProbed } from '../../../core/health/probed'
import { healthView } from '../../../core/health/view'
import type { Ports } from '../../ports/ports'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { createProbeConnection, type ProbeOutcome } from './probe-connection'

export type ProbePorts = Pick<Ports, 'keychain' | 'monitor' | 'clock' | 'jitteredSleep'>

/** Told of a builder each time that it is seen. */
export type ReportHealth = (id: string, health: HealthView) => void

type Seen = Pick<ProbeOutcome, 'sample' | 'failure'>

const everyMs = 3_000
const firstRetryMs = 1_000
const longestRetryMs = 15_000

/**
 * Looks at each builder once and tells how it does, all at once and all by the deadline. Nothing is suspended, let
 * back or proven: it may run beside the app that does so. Never fails.
 */
export async function probeBuilders(
  ports: ProbePorts,
  builders: readonly BuilderView[],
  report: ReportHealth,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const probe = async (builder: BuilderView) => {
    const connection = createProbeConnection(ports, builder, deadline, () => undefined)
    const first = await connection.probe(false)
    // The second answer tells the latency: the first one has the start of a process in it.
    const second = first?.sample ? await connection.probe(false) : undefined
    connection.drop()
    const seen = (second?.sample ? second : first) ?? (await withoutKey(ports, builder))
    folding(ports, builder, () => builder, report)(seen)
  }
  await Promise.all(builders.filter(isProbed).map(probe))
}

/**
 * Holds a connection to one builder and tells how it does, until aborted. It changes nothing either. `now` returns the
 * builder as read from the system last, with the number of its builds.
 */
export async function probeContinuouslyOne(
  ports: ProbePorts,
  builder: BuilderView,
  now: () => BuilderView,
  report: ReportHealth,
  signal: AbortSignal,
): Promise<void> {
  const see = folding(ports, builder, now, report)
  let lost: Failure | undefined
  let wait: ReturnType<typeof cancellableSleep> | undefined
  const connection = createProbeConnection(ports, builder, signal, (failure) => {
    lost = failure
    wait?.cancel()
  })
  let failures = 0
  while (!signal.aborted) {
    const seen = (await connection.probe(false)) ?? (await withoutKey(ports, builder))
    if (signal.aborted) break
    see(seen)
    failures = seen.sample ? 0 : failures + 1
    const nextMs = failures > 0 ? Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs) : everyMs
    wait = cancellableSleep(ports, nextMs, signal)
    await wait.done
    // It is tried again at once: the next probe makes a new connection.
    if (lost && !signal.aborted) see({ failure: lost })
    lost = undefined
  }
  connection.drop()
}

/** Why there is no key to look with: none was kept, or the keychain is not there, as in a job of cron. */
async function withoutKey({ keychain }: ProbePorts, { id }: BuilderView): Promise<Seen> {
  // A keychain that does not answer is none, now.
  const kind = await keychain.kind().catch(() => 'none')
  const code = kind === 'none' ? 'KEYCHAIN_UNAVAILABLE' : 'NOT_WATCHED'
  return { failure: { code, facts: { builder: id } } }
}

/**
 * Folds what is seen of one builder. No handshake is made here, so what the files say of the last proof stands, also
 * when the machine or its Nix has been started anew meanwhile.
 */
function folding(ports: ProbePorts, builder: BuilderView, now: () => BuilderView, report: ReportHealth) {
  const { id, host, port, state, proof } = builder
  const nowMs = () => ports.clock.now().getTime()
  const provenAtMs = state === 'ready' && proof ? Date.parse(proof.at) : undefined
  const fresh = newHealth({ builder: id, host }, provenAtMs, nowMs())
  let health = fresh
  let view: HealthView | undefined

  const answered = (sample: Sample): Health => {
    const slots = now().runningBuilds ?? 0
    const before = { ...health, link: undefined, handshake: fresh.handshake, slots }
    return foldHealth(before, { kind: 'sample', sample }, nowMs())
  }
  const failed = (failure: Failure): Health => {
    // Whom the deadline cut off has not answered in time.
    const facts = { builder: id, host, port: String(port) }
    const why = failure.code === 'CANCELLED' ? { code: 'TIMED_OUT' as const, facts } : failure
    return foldHealth(health, { kind: 'lost', failure: why }, nowMs())
  }
  return ({ sample, failure }: Seen) => {
    if (sample) health = answered(sample)
    else if (failure) health = failed(failure)
    view = healthView(health, nowMs(), view)
    report(id, view)
  }
}
