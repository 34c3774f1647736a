import {
  type Answer,
  type AskedQuestion,
  flowSteps,
  type JobKind,
  type JobView,
  type StepName,
} from '../contract/job'
import { FailureError, fail, toFailure } from './failures'
import type { Clock } from './ports/local'
import type { Ask } from './ports/ssh'
import type { Store } from './store'

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
  show(part: Partial<Pick<JobView, 'plan' | 'proof' | 'address'>>): void
  /** Registered beside the effect it takes back; runs on failure and cancel, last first. */
  undo(undo: Undo): void
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
  /** Forgets an ended job. */
  dismiss(jobId: string): void
  /** Cancels what runs and waits until it is unwound. */
  close(): Promise<void>
}

const unwindTimeoutMs = 120_000

interface Running {
  cancel(): void
  answer(questionId: string, answer: Answer): void
  ended: Promise<JobView>
}

type Entry = { readonly undo: Undo } | { readonly always: () => Promise<void> }

/** Walks flows step by step, unwinds what failed, and keeps every job's view in the store. */
export function createJobs(store: Store, clock: Clock): Jobs {
  const running = new Map<string, Running>()

  const patch = (jobId: string, change: (view: JobView) => JobView) =>
    store.update(({ jobs }) => ({ jobs: jobs.map((job) => (job.id === jobId ? change(job) : job)) }))

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
      // An earlier, ended job about the same builder has had its say.
      store.update(({ jobs }) => ({ jobs: [...jobs.filter((job) => job.builderId !== builderId), view] }))

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
    dismiss(jobId) {
      if (running.has(jobId)) fail('BUILDER_BUSY', { builder: jobId })
      store.update(({ jobs }) => ({ jobs: jobs.filter((job) => job.id !== jobId) }))
    },
    async close() {
      const jobs = [...running.values()]
      for (const job of jobs) job.cancel()
      await Promise.all(jobs.map((job) => job.ended))
    },
  }
}

interface Walk {
  readonly abort: AbortController
  readonly ask: Ask
  readonly clock: Clock
  readonly patch: (change: (view: JobView) => JobView) => void
  readonly view: () => JobView
  readonly afterwards: () => Promise<void>
}

async function walk(jobId: string, flow: (job: Job) => Flow, w: Walk): Promise<JobView> {
  const startedMs = w.clock.now().getTime()
  const stack: Entry[] = []
  let step: StepName | undefined
  let stepStartedMs = startedMs

  const setStep = (name: StepName, change: Partial<JobView['steps'][number]>) =>
    w.patch((view) => ({
      ...view,
      steps: view.steps.map((s) => (s.name === name ? { ...s, ...change } : s)),
    }))
  const endStep = (state: 'done' | 'failed') => {
    if (step) setStep(step, { state, durationMs: w.clock.now().getTime() - stepStartedMs })
  }

  const job: Job = {
    id: jobId,
    signal: w.abort.signal,
    ask: w.ask,
    note: (note) => step && setStep(step, { note }),
    show: (part) => w.patch((view) => ({ ...view, ...part })),
    undo(undo) {
      stack.push({ undo })
      w.patch((view) => ({ ...view, changed: true }))
    },
    always: (always) => void stack.push({ always }),
    leave: (sentence) => w.patch((view) => ({ ...view, leftBehind: [...view.leftBehind, sentence] })),
  }

  let outcome: Partial<JobView> = { state: 'done' }
  try {
    for await (const name of flow(job)) {
      endStep('done')
      step = name
      stepStartedMs = w.clock.now().getTime()
      setStep(name, { state: 'running' })
      w.abort.signal.throwIfAborted()
    }
    endStep('done')
  } catch (error) {
    endStep('failed')
    const failure = {
      ...toFailure(w.abort.signal.aborted ? w.abort.signal.reason : error),
      ...(step ? { step } : {}),
    }
    outcome = { state: failure.code === 'CANCELLED' ? 'cancelled' : 'failed', failure }
    if (stack.some((entry) => 'undo' in entry))
      w.patch(({ asked: _, ...view }) => ({ ...view, state: 'undoing' }))
  }

  const leftBehind = await unwind(stack, outcome.state !== 'done')
  await w.afterwards().catch(() => undefined)
  const durationMs = w.clock.now().getTime() - startedMs
  w.patch(({ asked: _, ...view }) => ({
    ...view,
    ...outcome,
    durationMs,
    leftBehind: [...view.leftBehind, ...leftBehind],
    steps: view.steps.map((s) => (s.state === 'waiting' ? { ...s, state: 'skipped' } : s)),
  }))
  return w.view()
}

/** Runs cleanups last first; undos only after a failure. Answers what could not be undone. */
async function unwind(stack: readonly Entry[], failed: boolean): Promise<string[]> {
  const left: string[] = []
  for (const entry of stack.toReversed()) {
    if ('always' in entry) await entry.always().catch(() => undefined)
    else if (failed) {
      await entry.undo
        .run(AbortSignal.timeout(unwindTimeoutMs))
        .catch(() => void left.push(entry.undo.ifLeft))
    }
  }
  return left
}

/** One open question at a time; a second one waits for the first. */
function createQuestions(
  signal: AbortSignal,
  clock: Clock,
  show: (asked: AskedQuestion | undefined) => void,
) {
  let open: { readonly id: string; readonly resolve: (answer: Answer) => void } | undefined
  let last: Promise<unknown> = Promise.resolve()

  const put: Ask = (question) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new FailureError({ code: 'CANCELLED', facts: {} }))
      const id = clock.newId()
      const settle = () => {
        open = undefined
        signal.removeEventListener('abort', cancelled)
      }
      const cancelled = () => {
        settle()
        reject(new FailureError({ code: 'CANCELLED', facts: {} }))
      }
      signal.addEventListener('abort', cancelled, { once: true })
      open = {
        id,
        resolve: (answer) => {
          settle()
          show(undefined)
          resolve(answer)
        },
      }
      show({ id, question })
    })

  return {
    ask: ((question) => {
      const answer = last.then(() => put(question))
      last = answer.catch(() => undefined)
      return answer
    }) satisfies Ask,
    answer(questionId: string, answer: Answer) {
      if (open?.id !== questionId) fail('NO_SUCH_JOB')
      open?.resolve(answer)
    },
  }
}
