import type { CommandInput, CommandName, JobCommand } from './commands'
import type { Failure, Reply } from './failure'
import type { Series } from './health'
import type { Snapshot } from './snapshot'
import type { DeltaText } from './snapshot-delta'

/** A job only where an administrator is needed; else it is done when the reply comes. */
interface MaybeJob {
  readonly jobId?: string
}

/** What a command replies; absent: nothing, or of one that starts a job, the job's id. */
interface CommandOutputs {
  readonly 'get-snapshot': Snapshot
  readonly 'get-series': Series
  readonly 'set-mode': MaybeJob
  readonly 'use-substituter': MaybeJob
}
export type CommandOutput<N extends CommandName> = N extends keyof CommandOutputs
  ? CommandOutputs[N]
  : N extends JobCommand
    ? { readonly jobId: string }
    : undefined

/** Where the app tells the window what to show. */
export type Navigation =
  /** `failure`: why what was chosen in the tray was refused. */
  | { readonly to: 'builders'; readonly failure?: Failure }
  | { readonly to: 'add' }
  | { readonly to: 'builds' }
  | { readonly to: 'settings' }
  | { readonly to: 'builder'; readonly id: string }

/** The one object that the preload script puts into the window. */
export interface MillwrightApi {
  call<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Reply<CommandOutput<N>>>
  /** What changed since `get-snapshot` was answered, and then since the delta before. */
  onDelta(listener: (delta: DeltaText) => void): () => void
  onNavigate(listener: (navigation: Navigation) => void): () => void
}

/** A handler for every command; a missing one does not compile. */
export type Handlers = {
  readonly [N in CommandName]: (input: CommandInput<N>) => Promise<Reply<CommandOutput<N>>>
}
