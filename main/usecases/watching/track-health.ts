import type { HealthView } from '../../../contract/health'
import type { BuilderView } from '../../../contract/snapshot'
import { foldHealth, foldWithLastProof, newHealth } from '../../../core/health/fold'
import type { Health, HealthEvent } from '../../../core/health/health'
import { healthView } from '../../../core/health/view'
import type { WatchPorts, WatchRules } from './watch-context'

/** The health of one builder while it is watched. */
export interface HealthTracker {
  now(): Health
  /** Folds what happened, and shows it if a person could see a difference. */
  report(event: HealthEvent): void
}

export function trackHealth(
  { clock, series }: Pick<WatchPorts, 'clock' | 'series'>,
  rules: Pick<WatchRules, 'policy' | 'builder'>,
  { id, host }: Pick<BuilderView, 'id' | 'host'>,
  provenAt: string | undefined,
  show: (view: HealthView) => void,
): HealthTracker {
  const nowMs = () => clock.now().getTime()
  let health = newHealth({ builder: id, host }, msOf(provenAt), nowMs())
  let shown: HealthView | undefined
  /** Slots alone do not say how a builder does: it is shown from its first probe or handshake on. */
  let isKnown = false

  const fold = (event: HealthEvent, atMs: number): Health => {
    const before = isKnown ? health : { ...health, sinceMs: atMs }
    if (rules.policy) return foldHealth(before, event, atMs)
    const { state, proof } = rules.builder(id) ?? {}
    return foldWithLastProof(before, event, state === 'ready' ? msOf(proof?.at) : undefined, atMs)
  }
  return {
    now: () => health,
    report: (event) => {
      const atMs = nowMs()
      health = fold(event, atMs)
      isKnown ||= event.kind !== 'slots'
      if (!isKnown) return
      const view = healthView(health, series.trend(id, health.sample?.cpus ?? 1, atMs), shown)
      if (view !== shown) show(view)
      shown = view
    },
  }
}

function msOf(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at)
}
