import type { BuilderView } from '../contract/snapshot'

/**
 * Whether a terminal can ask it how it does, and whether there is anything to see. A paused builder is the person's own
 * doing and is left alone; to one behind a machine in between only root has the way.
 */
export function isLookedAt({
  enabled,
  suspendedSince,
  quarantined,
  jump,
}: Pick<BuilderView, 'enabled' | 'suspendedSince' | 'quarantined' | 'jump'>): boolean {
  return !quarantined && jump === undefined && (enabled || suspendedSince !== undefined)
}
