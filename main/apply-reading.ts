import type { Claim } from '../core/sync/readings'
import { shareStructure } from '../core/sync/structural-sharing'
import type { State } from './store'
import type { SystemReading } from './usecases/status/read-system'

/** What a reading of the system is about, part by part; a forgotten one does not compile. */
const parts: Readonly<Record<keyof SystemReading, true>> = {
  ...{ nix: true, nixFailure: true, helper: true, modes: true, builders: true, preferences: true },
  ...{ unmanaged: true },
  ...{ autostart: true, reachable: true, brokenLines: true, localFiles: true, foreign: true },
}
const partNames = Object.keys(parts) as (keyof SystemReading)[]

/**
 * The state with what a reading of the system saw, but for what was set by one that began later. Read anew, most of it is as it was: what is equal stays the same object, and is
 * neither sent nor drawn again.
 */
export function applyReading(now: State, seen: SystemReading, claim: Claim): State {
  const claimed = partNames.filter((name) => claim(name))
  const kept = Object.entries(now).filter(([name]) => !claimed.some((one) => one === name))
  const taken = claimed.filter((name) => name in seen).map((name) => [name, seen[name]])
  const next = Object.fromEntries([...kept, ...taken]) as State
  const byId = new Map(now.builders.map((builder) => [builder.id, builder]))
  const builders = next.builders.map((builder) => {
    const known = byId.get(builder.id)
    const isNewer = known !== undefined && !claim(substituterPart(builder.id))
    return isNewer ? { ...builder, substituter: known.substituter } : builder
  })
  return shareStructure(now, { ...next, builders })
}

/** The part of a reading that is the role of one builder as substituter. */
export function substituterPart(id: string): string {
  return `builders/${id}/substituter`
}
