import type { HealthView } from '../../../contract/health'
import type { BuilderView } from '../../../contract/snapshot'
import type { Ports } from '../../ports/ports'
import type { HandshakeQueue } from './handshake-queue'
import type { SharedTimer } from './shared-timer'

export type WatchPorts = Pick<
  Ports,
  'helper' | 'userConf' | 'records' | 'keychain' | 'monitor' | 'series' | 'slots' | 'jitteredSleep' | 'clock'
>

/** What the app does about what it sees: handshakes as root, suspending, reinstating. */
export interface WatchPolicy {
  /** A job is at work on it, which knows better. */
  readonly isBusy: (id: string) => boolean
  /** Root can be had without a password. */
  readonly maySwitch: () => boolean
  /** The person lets a builder that stops answering be taken out of Nix's way. */
  readonly suspends: () => boolean
  /** Reads the system again. */
  readonly refresh: () => Promise<void>
}

export interface WatchHooks {
  /** The builders as last read from the system, without health. */
  readonly builders: () => readonly BuilderView[]
  /** The one that is watched alone; undefined: all. */
  readonly only: string | undefined
  /** Slots in use by `slotName`; undefined where they cannot be read. */
  readonly slots: () => Readonly<Record<string, number>> | undefined
  /** Undefined: it probes and reports, and changes nothing. */
  readonly policy: WatchPolicy | undefined
  /** How it does now; undefined: it is not watched any more. */
  readonly show: (id: string, health: HealthView | undefined) => void
}

/** What each watched builder goes by. */
export interface WatchRules extends Pick<WatchHooks, 'policy' | 'show'> {
  readonly builder: (id: string) => BuilderView | undefined
  readonly probeIntervalMs: () => number
  /** How to wait for the usual next probe; undefined: each for itself. */
  readonly joinRound: () => SharedTimer | undefined
  readonly handshakes: HandshakeQueue
}
