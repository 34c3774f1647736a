import { type Answer, flowSteps, type JobKind, type JobView, type StepName } from '../../contract/job'
import { fail } from '../failures'
import type { Clock } from '../ports/local'
import type { Ask } from '../ports/ssh'
import type { Store } from '../store'
import { createQuestions } from './questions'
import { interrupted, type Receipts, walk } from './walk'

/** A flow yields the name of each step as it begins; returning ends the job well. */
export type Flow = AsyncGenerator<StepName, void, void>

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
  /** Something that will stay, said although the job went well. */
  leave(sentence: string): void
}

export interface StartedJob {
  readonly jobId: string
  /** Settles when the job has ended, unwinding included; never rejects. */
  readonly ended: Promise<JobView>
}

export interface Jobs {
  start(
    kind: JobKind,
    about: { readonly builderId: string; readonly address: string },
    flow: (job: Job) => Flow,
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

interface Running {
  cancel(): void
  answer(questionId: string, answer: Answer): void
  ended: Promise<JobView>
}

/** Walks flows step by step, unwinds what failed, and keeps every job's view in the store. */
export function createJobs(store: Store, clock: Clock, receipts: Receipts): Jobs {
  const running = new Map<string, Running>()

  const patch = (jobId: string, change: (view: JobView) => JobView) =>
    store.update((state) => ({
      ...state,
      jobs: state.jobs.map((job) => (job.id === jobId ? change(job) : job)),
    }))

  return {
    start(kind, { builderId, address }, flow, afterwards) {
      const busy = store.snapshot().jobs.some((job) => job.builderId === builderId && running.has(job.id))
      if (busy) fail('BUILDER_BUSY', { builder: builderId })

      const jobId = clock.newId()
      const view: JobView = {
        id: jobId,
        kind,
        builderId,
        address,
        state: 'running',
        steps: flowSteps[kind].map((name) => ({ name, state: 'waiting' })),
        leftBehind: [],
        changed: false,
      }
      // An earlier, ended job about the same builder has had its say; its receipt waits for a good end.
      store.update((state) => ({
        ...state,
        jobs: [...state.jobs.filter((job) => job.builderId !== builderId), view],
      }))

      const abort = new AbortController()
      const questions = createQuestions(abort.signal, clock, (asked) =>
        patch(jobId, ({ asked: _, ...rest }) =>
          asked ? { ...rest, state: 'asking', asked } : { ...rest, state: 'running' },
        ),
      )
      const ended = walk(jobId, flow, {
        abort,
        ask: questions.ask,
        clock,
        receipts,
        patch: (change) => patch(jobId, change),
        view: () => store.snapshot().jobs.find((job) => job.id === jobId) ?? view,
        afterwards,
      }).finally(() => running.delete(jobId))
      running.set(jobId, { cancel: () => abort.abort(), answer: questions.answer, ended })
      return { jobId, ended }
    },
    answer(jobId, questionId, answer) {
      const job = running.get(jobId) ?? fail('NO_SUCH_JOB')
      job.answer(questionId, answer)
    },
    cancel: (jobId) => (running.get(jobId) ?? fail('NO_SUCH_JOB')).cancel(),
    async dismiss(jobId) {
      if (running.has(jobId)) fail('BUILDER_BUSY', { builder: jobId })
      await receipts.deleteReceipt(jobId)
      store.update((state) => ({ ...state, jobs: state.jobs.filter((job) => job.id !== jobId) }))
    },
    async recall() {
      const known = await receipts.receipts()
      store.update((state) => ({ ...state, jobs: [...known.map(interrupted), ...state.jobs] }))
    },
    async close() {
      const jobs = [...running.values()]
      for (const job of jobs) job.cancel()
      await Promise.all(jobs.map((job) => job.ended))
    },
  }
}
