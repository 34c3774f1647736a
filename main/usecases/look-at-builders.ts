import type { HealthView, Sample } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'
import { fold, type Health, newHealth } from '../../core/health'
import { healthView } from '../../core/health-view'
import { isLookedAt } from '../../core/looked-at'
import { FailureError, fail, toFailure } from '../failures'
import type { Monitored } from '../ports/monitor'
import type { Ports } from '../ports/ports'
import { watchingKey } from './monitor-key'

export type LookNeeds = Pick<Ports, 'keychain' | 'monitor' | 'clock' | 'waitAbout'>

/** Told of a builder each time that it is seen. */
export type TellHealth = (id: string, health: HealthView) => void

const everyMs = 3_000
const firstRetryMs = 1_000
const longestRetryMs = 15_000

/**
 * Looks at each builder once and tells how it does, all at once and all by the deadline. Nothing is suspended, let
 * back or proven: it may run beside the app that does so. Never fails.
 */
export async function lookAtBuilders(
  ports: LookNeeds,
  builders: readonly BuilderView[],
  tell: TellHealth,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const key = await watchingKey(ports).catch(() => undefined)
  await Promise.all(
    builders.filter(isLookedAt).map(async (builder) => {
      const show = showing(ports, builder, () => builder, tell)
      await lookOnce(ports, builder, key, deadline).then(show.sample, show.failure)
    }),
  )
}

/**
 * Holds a connection to one builder and tells how it does, until aborted. It changes nothing either. `now` answers the
 * builder as read from the system last, with the number of its builds.
 */
export async function followBuilder(
  ports: LookNeeds,
  builder: BuilderView,
  now: () => BuilderView,
  tell: TellHealth,
  signal: AbortSignal,
): Promise<void> {
  const show = showing(ports, builder, now, (id, health) => {
    if (!signal.aborted) tell(id, health)
  })
  let failures = 0
  while (!signal.aborted) {
    let held: Monitored | undefined
    try {
      const key = await watchingKey(ports).catch(() => undefined)
      held = await connect(ports, builder, key, signal)
      while (!signal.aborted) {
        show.sample(await held.probe())
        failures = 0
        await waitWhile(ports, held, signal)
      }
    } catch (error) {
      show.failure(error)
      await ports.waitAbout(Math.min(firstRetryMs * 2 ** failures++, longestRetryMs), signal)
    } finally {
      held?.close()
    }
  }
}

/** Waits for the time of the next look; fails when the connection ends before. */
async function waitWhile(ports: LookNeeds, held: Monitored, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const time = ports.waitAbout(everyMs, AbortSignal.any([signal, over.signal])).then(() => undefined)
  const lost = await Promise.race([time, held.ended])
  over.abort()
  if (lost) throw new FailureError(lost)
}

/**
 * Folds what is seen of one builder. No handshake is made here, so what the files say of the last proof stands, also
 * when the machine or its Nix has been started anew meanwhile.
 */
function showing(ports: LookNeeds, builder: BuilderView, now: () => BuilderView, tell: TellHealth) {
  const { id, host, port, state, proof } = builder
  const nowMs = () => ports.clock.now().getTime()
  const provenAtMs = state === 'ready' && proof ? Date.parse(proof.at) : undefined
  const fresh = newHealth({ builder: id, host }, provenAtMs, nowMs())
  let health = fresh
  let view: HealthView | undefined
  const show = (next: Health) => {
    health = next
    view = healthView(next, nowMs(), view)
    tell(id, view)
  }
  return {
    sample: (sample: Sample) => {
      const slots = now().runningBuilds ?? 0
      const before = { ...health, link: undefined, handshake: fresh.handshake, slots }
      show(fold(before, { kind: 'sample', sample }, nowMs()))
    },
    failure: (error: unknown) => {
      const failure = toFailure(error)
      // Whom the deadline cut off has not answered in time.
      const facts = { builder: id, host, port: String(port) }
      const why = failure.code === 'CANCELLED' ? { code: 'TIMED_OUT' as const, facts } : failure
      show(fold(health, { kind: 'lost', failure: why }, nowMs()))
    },
  }
}

async function connect(
  { monitor }: LookNeeds,
  builder: BuilderView,
  key: string | undefined,
  signal: AbortSignal,
) {
  if (!key) fail('NOT_WATCHED', { builder: builder.id })
  return await monitor.connect(builder, key, signal)
}

/** The second answer tells the latency: the first one has the start of a process in it. */
async function lookOnce(
  ports: LookNeeds,
  builder: BuilderView,
  key: string | undefined,
  deadline: AbortSignal,
): Promise<Sample> {
  const held = await connect(ports, builder, key, deadline)
  try {
    const first = await held.probe()
    return await held.probe().catch(() => first)
  } finally {
    held.close()
  }
}
