import type { RegisteredBuilder } from '../../contract/builder'
import type { Failure } from '../../contract/failure'

/** Where to look, as root's files have it: nothing else says who a builder is. */
export type Watched = Pick<RegisteredBuilder, 'id' | 'host' | 'port' | 'user' | 'hostKeys'>

/** A connection that is held to one builder, with a key that can do nothing there but look. */
export interface Monitored {
  /** Looks once. Fails with CONNECTION_LOST, TIMED_OUT, and PROTOCOL_MISMATCH for whatever is no sample. */
  probe(): Promise<void>
  /** Settles when the connection ends, with why: CONNECTION_LOST, or TIMED_OUT when the host fell silent. */
  readonly ended: Promise<Failure>
  close(): void
}

export interface MonitorPort {
  /**
   * Logs in with the app's monitoring key. Fails with NAME_NOT_FOUND, UNREACHABLE, CONNECTION_REFUSED,
   * CONNECTION_LOST, TIMED_OUT, HOST_KEY_CHANGED (any key but the pinned ones), LOGIN_REFUSED, NOT_SSH, CANCELLED.
   */
  connect(builder: Watched, privateKey: string, signal: AbortSignal): Promise<Monitored>
}

/** Settles after about so many ms, a tenth more or less so that many do not march in step, or on abort. */
export type WaitAbout = (ms: number, signal: AbortSignal) => Promise<void>
