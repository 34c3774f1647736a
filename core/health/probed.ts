import type { FailureCode } from '../../contract/failure'
import type { BuilderView } from '../../contract/snapshot'

/**
 * Whether a terminal can ask it how it does, and whether there is anything to see. A paused builder is the person's own
 * doing and is left alone; to one behind a machine in between only root has the way.
 */
export function isProbed({
  enabled,
  suspendedSince,
  quarantined,
  jump,
}: Pick<BuilderView, 'enabled' | 'suspendedSince' | 'quarantined' | 'jump'>): boolean {
  return !quarantined && jump === undefined && (enabled || suspendedSince !== undefined)
}

const withoutKey: readonly (FailureCode | undefined)[] = ['NOT_WATCHED', 'KEYCHAIN_UNAVAILABLE']

/** Whether somebody asked it, or tried; without a key nobody can, which says nothing of the builder. */
export function wasProbed({ health }: Pick<BuilderView, 'health'>): boolean {
  return health !== undefined && !withoutKey.includes(health.failure?.code)
}

/** Whether it has answered the last time. */
export function isAnswering(builder: Pick<BuilderView, 'health'>): boolean {
  const state = builder.health?.state
  return wasProbed(builder) && state !== 'unreachable' && state !== 'refused'
}
