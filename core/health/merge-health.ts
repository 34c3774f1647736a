import type { HealthView } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'

/**
 * A builder with how it does now. What root's files and the person have decided (paused, suspended, quarantined, never
 * proven) outweighs it: a builder that answers is not ready for Nix while it is off.
 */
export function mergeHealth(builder: BuilderView, health: HealthView): BuilderView {
  // Why it was suspended may have given way to another reason since.
  if (builder.state === 'suspended' && health.failure) return { ...builder, health, failure: health.failure }
  if (builder.state !== 'ready') return { ...builder, health }
  const { state, failure } = health
  return { ...builder, health, state, ...(failure ? { failure } : {}) }
}
