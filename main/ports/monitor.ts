import type { RegisteredBuilder } from '../../contract/builder'
import type { Sample } from '../../contract/health'
import type { KnownFailure } from '../../core/failures/failure'

/** Which machine to probe, as root's files have it: nothing else says who a builder is. */
export type ProbeTarget = Pick<RegisteredBuilder, 'id' | 'host' | 'port' | 'user' | 'hostKeys'>

/** A connection that is held to one builder, with a key that can do nothing there but probe. */
export interface ProbeSession {
  /**
   * Asks the one process that was started on it for a line, and returns it parsed. Fails with CONNECTION_LOST,
   * TIMED_OUT, REMOTE_SCRIPTS_OUTDATED for a probe of another version, and PROTOCOL_MISMATCH for whatever is no
   * sample.
   */
  probe(): Promise<Sample>
  /** Settles when the connection ends, with why: CONNECTION_LOST, or TIMED_OUT when the host fell silent. */
  readonly ended: Promise<KnownFailure>
  close(): void
}

export interface MonitorPort {
  /**
   * Logs in with the app's monitoring key; at most 32 logins are under way at once, others wait their turn. Fails
   * with NAME_NOT_FOUND, NAME_UNRESOLVED, UNREACHABLE, CONNECTION_REFUSED, CONNECTION_LOST, TIMED_OUT, HOST_KEY_CHANGED
   * (any key but the pinned ones), LOGIN_REFUSED, NOT_SSH, CANCELLED, and NOT_WATCHED where the key is damaged.
   * `intervalMs`: how far apart it is going to be probed now; by that a silent one is told.
   */
  connect(
    builder: ProbeTarget,
    privateKey: string,
    signal: AbortSignal,
    intervalMs?: () => number,
  ): Promise<ProbeSession>
}

/** Settles after about so many ms, a tenth more or less so that many do not march in step, or on abort. */
export type JitteredSleep = (ms: number, signal: AbortSignal) => Promise<void>

/** Calls when this computer may have slept or changed its network. Returns how to stop. */
export type OnWake = (listener: () => void) => () => void
