import type { JobKind } from '../../contract/commands'
import type { Answer, JobView } from '../../contract/job'
import type { StepOf } from '../../core/jobs/kinds'
import type { Ask } from '../ports/ssh'

/** A flow yields the name of each step of its kind as it begins; returning ends the job well. */
export type Flow<K extends JobKind = JobKind> = AsyncGenerator<StepOf<K>, void, void>

/** How one effect is taken back, and what to tell the person when it cannot be. */
export interface Undo {
  /** A sentence for the list of what was left behind, with the command that would finish the work. */
  readonly ifLeft: string
  run(signal: AbortSignal): Promise<void>
}

/** What a flow is given to work with. */
export interface Job {
  readonly id: string
  /** Aborted on cancel; never during unwinding. */
  readonly signal: AbortSignal
  readonly ask: Ask
  /** A few words about the running step, such as what was found. */
  note(text: string): void
  show(part: Partial<Pick<JobView, 'plan' | 'proof' | 'garbage' | 'address'>>): void
  /**
   * Registered just before the effect it takes back, and noted on disk; runs on failure and cancel, last
   * first. Fails with DATA_UNWRITABLE: without a receipt nothing is begun.
   */
  undo(undo: Undo): Promise<void>
  /** Runs at the end in any case, after the undos that were registered later. */
  always(cleanup: () => Promise<void>): void
  /**
   * Something that will stay, said although the job went well. `untilSettled`: also at the next start of the app, until
   * a later job has settled it.
   */
  leave(sentence: string, until?: 'untilSettled'): void
}

export interface StartedJob {
  readonly jobId: string
  /** Settles when the job has ended, unwinding included; never rejects. */
  readonly ended: Promise<JobView>
}

export interface Jobs {
  start<K extends JobKind>(
    kind: K,
    about: { readonly builderId: string; readonly address: string },
    flow: (job: Job) => Flow<K>,
    /** Looks at the system again before the job is shown as ended. */
    afterwards: () => Promise<void>,
  ): StartedJob
  answer(jobId: string, questionId: string, answer: Answer): void
  cancel(jobId: string): void
  /** Forgets an ended job and its receipt. */
  dismiss(jobId: string): Promise<void>
  /** Shows what an earlier run of the app, or a crash, left half done. */
  recall(): Promise<void>
  /** Cancels what runs and waits until it is unwound. */
  close(): Promise<void>
}
