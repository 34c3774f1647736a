import type { BuilderView } from '../../contract/snapshot'
import { isOneOf } from '../failures/failure'

type Switched = Pick<BuilderView, 'enabled' | 'suspendedSince' | 'quarantined'>

/** Whether there is anything to watch: a paused builder is the person's own doing and is left alone. */
export function isWatched({ enabled, suspendedSince, quarantined }: Switched): boolean {
  return !quarantined && (enabled || suspendedSince !== undefined)
}

/** Whether it can be probed with the watching key: to one behind a jump host only root has the way. */
export function isProbed(builder: Switched & Pick<BuilderView, 'jump' | 'adoptedFrom'>): boolean {
  return isWatched(builder) && builder.jump === undefined && builder.adoptedFrom === undefined
}

/** Whether somebody probed it, or tried; without a key nobody can, which says nothing of the builder. */
export function wasProbed({ health }: Pick<BuilderView, 'health'>): boolean {
  const failure = health?.failure
  const hasNoKey = failure !== undefined && isOneOf(failure, ['NOT_WATCHED', 'KEYCHAIN_UNAVAILABLE'])
  return health !== undefined && !hasNoKey
}

/** Whether it has answered the last time. */
export function isAnswering(builder: Pick<BuilderView, 'health'>): boolean {
  const state = builder.health?.state
  return wasProbed(builder) && state !== 'unreachable' && state !== 'refused'
}
