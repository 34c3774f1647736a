import type { HealthView, Sample } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'
import { FailureError, fail, toFailure } from '../failures'
import type { Monitored } from '../ports/monitor'
import type { Ports } from '../ports/ports'
import { healthOfFailure, healthOfSample } from './health-of-look'
import { watchingKey } from './monitor-key'

export type LookNeeds = Pick<Ports, 'keychain' | 'monitor' | 'clock' | 'waitAbout'>

/** How often a held builder is asked, and the longest wait before one that failed is tried again; in ms. */
export interface FollowPace {
  readonly everyMs: number
  readonly longestRetryMs: number
}

const usualPace: FollowPace = { everyMs: 3_000, longestRetryMs: 15_000 }

/** Whether there is anything to see: a paused builder is the person's own doing and is left alone. */
export function isToLookAt({ enabled, suspendedSince, quarantined }: BuilderView): boolean {
  return !quarantined && (enabled || suspendedSince !== undefined)
}

/**
 * Looks at each builder once and tells how it does, all at once and all by the deadline. Nothing is suspended, let
 * back or proven: it may run beside the app that does so. Never fails.
 */
export async function lookAtBuilders(
  ports: LookNeeds,
  builders: readonly BuilderView[],
  tell: (id: string, health: HealthView) => void,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  await Promise.all(
    builders.filter(isToLookAt).map(async (builder) => {
      const health = await lookOnce(ports, builder, deadline).then(
        (sample) => healthOfSample(builder, sample, undefined, ports.clock.now()),
        (error: unknown) => healthOfFailure(failureOf(error, builder), undefined, ports.clock.now()),
      )
      tell(builder.id, health)
    }),
  )
}

/** Holds a connection to one builder and tells how it does, until aborted. It changes nothing either. */
export async function followBuilder(
  ports: LookNeeds,
  builder: BuilderView,
  tell: (health: HealthView) => void,
  signal: AbortSignal,
  { everyMs, longestRetryMs }: FollowPace = usualPace,
): Promise<void> {
  let health: HealthView | undefined
  let failures = 0
  const show = (next: HealthView) => {
    health = next
    if (!signal.aborted) tell(next)
  }
  while (!signal.aborted) {
    let held: Monitored | undefined
    try {
      held = await connect(ports, builder, signal)
      while (!signal.aborted) {
        show(healthOfSample(builder, await held.probe(), health, ports.clock.now()))
        failures = 0
        const waiting = new AbortController()
        const time = ports.waitAbout(everyMs, AbortSignal.any([signal, waiting.signal])).then(() => undefined)
        const lost = await Promise.race([time, held.ended])
        waiting.abort()
        if (lost) throw new FailureError(lost)
      }
    } catch (error) {
      if (!signal.aborted) show(healthOfFailure(failureOf(error, builder), health, ports.clock.now()))
      // One that was held is tried again at once.
      const retryMs = Math.min(1_000 * 2 ** failures++, longestRetryMs)
      await ports.waitAbout(retryMs, signal)
    } finally {
      held?.close()
    }
  }
}

async function connect(ports: LookNeeds, builder: BuilderView, signal: AbortSignal): Promise<Monitored> {
  const key = builder.jump ? undefined : await watchingKey(ports).catch(() => undefined)
  if (!key) fail('NOT_WATCHED', { builder: builder.id })
  return await ports.monitor.connect(builder, key, signal)
}

/** The second answer tells the latency: the first one has the start of a process in it. */
async function lookOnce(ports: LookNeeds, builder: BuilderView, deadline: AbortSignal): Promise<Sample> {
  const held = await connect(ports, builder, deadline)
  try {
    const first = await held.probe()
    return await held.probe().catch(() => first)
  } finally {
    held.close()
  }
}

/** What the deadline cut off has timed out. */
function failureOf(error: unknown, { id, host, port }: BuilderView) {
  const failure = toFailure(error)
  if (failure.code !== 'CANCELLED') return failure
  return { code: 'TIMED_OUT' as const, facts: { builder: id, host, port: String(port) } }
}
