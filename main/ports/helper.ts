import type { DaemonView } from '../../contract/daemon'
import type { HelperRequest, HelperResult, HelperStatus } from '../../contract/helper'
import type { HelperView } from '../../contract/snapshot'
import type { Ask } from './ssh'

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly ask?: Ask
}

/** The privileged helper, however it is reached: pkexec, sudo, or because this process is root already. */
export interface HelperPort {
  /** What is installed and how root would be reached; asks for nothing. */
  inspect(): Promise<Pick<HelperView, 'state' | 'way' | 'installCommand' | 'isInstallable'>>
  /** Reads the system's state without elevation. Fails with HELPER_MISSING, HELPER_OUTDATED or HELPER_FAILED. */
  status(): Promise<HelperStatus>
  /**
   * What the Nix daemon goes by, as root reads it where root asks nobody for that, else as this user may. Undefined
   * where it is not known: nothing is concluded from that. Never fails, never asks for a password. `maxAgeMs`: what
   * was read within that time is good enough, if nothing was changed since.
   */
  daemon(options?: { readonly maxAgeMs?: number }): Promise<DaemonView | undefined>
  /**
   * Runs one operation and returns its OK result; any other code is thrown as its failure (NOT_AUTHORISED,
   * AUTHORISATION_DISMISSED, HELPER_BUSY, PING_FAILED …). Where there is no way to root, `ask` puts the exact
   * command to the person; without `ask` that is NO_WAY_TO_ROOT.
   */
  call(request: HelperRequest, options?: CallOptions): Promise<HelperResult>
  /**
   * Puts this program's helper into its place, by an administrator. Fails with NO_WAY_TO_ROOT and the command where
   * that is not `isInstallable`, AUTHORISATION_DISMISSED, NOT_AUTHORISED, TIMED_OUT, CANCELLED or HELPER_FAILED.
   */
  install(signal?: AbortSignal): Promise<void>
}
