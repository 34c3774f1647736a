import type { BuilderView } from '../../../contract/snapshot'
import { slotName } from '../../../core/nix/slots'

/** A builder with the number of builds that Nix has there now; unknown where slots cannot be read. */
export function withRunningBuilds(
  builder: BuilderView,
  taken: ReadonlyMap<string, number> | undefined,
): BuilderView {
  const { runningBuilds, ...rest } = builder
  if (!taken) return rest
  const count = taken.get(slotName(builder)) ?? 0
  return count === runningBuilds ? builder : { ...rest, runningBuilds: count }
}
