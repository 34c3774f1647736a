import type { HealthView } from '../../../contract/health'
import type { BuilderView } from '../../../contract/snapshot'
import { foldHealth, newHealth } from '../../../core/health/fold'
import type { Health, HealthEvent } from '../../../core/health/health'
import { healthView } from '../../../core/health/view'
import type { Clock } from '../../ports/local'

/** The health of one builder while it is watched. */
export interface HealthTracker {
  now(): Health
  /** Folds what happened, and shows it if a person could see a difference. */
  report(event: HealthEvent): void
}

export function trackHealth(
  { id, host }: Pick<BuilderView, 'id' | 'host'>,
  provenAt: string | undefined,
  { clock }: { readonly clock: Clock },
  show: (view: HealthView) => void,
): HealthTracker {
  const nowMs = () => clock.now().getTime()
  const provenAtMs = provenAt === undefined ? undefined : Date.parse(provenAt)
  let health = newHealth({ builder: id, host }, provenAtMs, nowMs())
  let shown: HealthView | undefined
  return {
    now: () => health,
    report: (event) => {
      const atMs = nowMs()
      health = foldHealth(health, event, atMs)
      const view = healthView(health, atMs, shown)
      if (view !== shown) show(view)
      shown = view
    },
  }
}
