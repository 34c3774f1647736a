import type { Failure } from '../../contract/failure'
import type { HealthState, Sample } from '../../contract/health'
import type { SpacePoint } from './disk-forecast'
import type { Pressure } from './pressure'

/** What root's own handshake says of a builder as it is now: nothing else makes it green. */
export interface Handshake {
  /** When it last passed; undefined once something has changed or one has failed. */
  readonly passedAtMs: number | undefined
  readonly failure: Failure | undefined
  /** One is due at once: after the start, a change or a failure. */
  readonly isDue: boolean
  /** Grows with each change; a handshake counts only for the one in which it began. */
  readonly revision: number
  /** The start and the Nix of that machine which it is about; undefined before the first sample. */
  readonly about: Pick<Sample, 'bootId' | 'nixVersion'> | undefined
}

/** All that is remembered of a watched builder, folded from what happened. Plain data: no clock, no I/O. */
export interface Health {
  /** Facts of each of its failures. */
  readonly facts: { readonly builder: string; readonly host: string }
  /** How the last probe failed; undefined when it was answered. */
  readonly link: Failure | undefined
  /** The last probe failed, but root's handshake has passed since: it builds, and cannot be watched. */
  readonly worksUnwatched: boolean
  readonly sample: Sample | undefined
  readonly handshake: Handshake
  /** Builds of this computer there now. */
  readonly slots: number
  readonly pressure: Pressure
  readonly isStoreLow: boolean
  readonly isClockOff: boolean
  /** Free space of the store, a point a minute. */
  readonly space: readonly SpacePoint[]
  readonly fullInMs: number | undefined
  readonly state: HealthState
  readonly sinceMs: number
  readonly failure: Failure | undefined
}

export type HealthEvent =
  | { readonly kind: 'sample'; readonly sample: Sample }
  /** The probe failed: no connection, or no sample over it. */
  | { readonly kind: 'lost'; readonly failure: Failure }
  /** Root's handshake has ended that began under this revision; without a failure it has passed. */
  | { readonly kind: 'handshake'; readonly revision: number; readonly failure?: Failure }
  | { readonly kind: 'slots'; readonly slots: number }
  /** A build did not get there, as far as one can see: what the last handshake said is asked again, and stands till then. */
  | { readonly kind: 'doubted' }
  /** Root's files say something else of it now. */
  | { readonly kind: 'changed' }
