import type { ProbeTarget } from './monitor'

/** What garbage collection would delete: store paths that nothing on that machine needs. */
export interface Garbage {
  readonly paths: number
  readonly bytes: number
}

/** Frees space on a builder with a key that can do nothing else there. Fails like MonitorPort.connect, with COLLECT_FAILED, and with REMOTE_SCRIPTS_OUTDATED. */
export interface CollectPort {
  /** Counts, and changes nothing. */
  count(builder: ProbeTarget, privateKey: string, signal: AbortSignal): Promise<Garbage>
  /** Deletes; tells how far it is. Returns what was freed. */
  collect(
    builder: ProbeTarget,
    privateKey: string,
    onProgress: (soFar: Garbage) => void,
    signal: AbortSignal,
  ): Promise<Garbage>
}
