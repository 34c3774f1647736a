import type { BuilderView } from '../contract/snapshot'
import type { Claim } from '../core/sync/readings'
import { shareStructure } from '../core/sync/structural-sharing'
import type { State } from './store'
import type { SystemReading } from './usecases/status/read-system'

/** What a reading of the system is about, part by part; a forgotten one does not compile. */
const parts: Readonly<Record<keyof SystemReading, true>> = {
  ...{ nix: true, nixFailure: true, helper: true, modes: true, builders: true, preferences: true },
  ...{ autostart: true, reachable: true, brokenLines: true, localFiles: true, foreign: true },
}
const partNames = Object.keys(parts) as (keyof SystemReading)[]

/**
 * The state with what a reading of the system saw, but for what was set by one that began later. `began` is the state
 * that the reading started from. Read anew, most of it is as it was: what is equal stays the same object, and is
 * neither sent nor drawn again.
 */
export function applyReading(began: State, now: State, seen: SystemReading, claim: Claim): State {
  const claimed = partNames.filter((name) => claim(name))
  const kept = Object.entries(now).filter(([name]) => !claimed.some((one) => one === name))
  const taken = claimed.filter((name) => name in seen).map((name) => [name, seen[name]])
  const next = Object.fromEntries([...kept, ...taken]) as State
  const builders = next.builders.map((builder) =>
    withNewer(builder, byId(began, builder.id), byId(now, builder.id), claim),
  )
  return shareStructure(now, { ...next, builders })
}

/** Of a builder, its role as substituter and its running builds are also set alone. */
function withNewer(
  seen: BuilderView,
  began: BuilderView | undefined,
  now: BuilderView | undefined,
  claim: Claim,
): BuilderView {
  if (!now) return seen
  const isClaimed = claim(substituterPart(seen.id))
  const isCounted = now.runningBuilds !== began?.runningBuilds && now.runningBuilds !== undefined
  return {
    ...seen,
    ...(isClaimed ? {} : { substituter: now.substituter }),
    ...(isCounted ? { runningBuilds: now.runningBuilds } : {}),
  }
}

/** The part of a reading that is the role of one builder as substituter. */
export function substituterPart(id: string): string {
  return `builders/${id}/substituter`
}

function byId({ builders }: State, id: string): BuilderView | undefined {
  return builders.find((builder) => builder.id === id)
}
