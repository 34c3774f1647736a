import type { Answer, JobView } from '../../contract/job'
import { stepsOf } from '../../core/jobs/kinds'
import { fail } from '../failures'
import type { Clock } from '../ports/local'
import type { Log } from '../ports/log'
import type { Store } from '../store'
import type { Jobs } from './job'
import { createQuestions } from './questions'
import { type Receipts, recalled, runFlow } from './run-flow'

interface Running {
  cancel(): void
  answer(questionId: string, answer: Answer): void
  ended: Promise<JobView>
}

/** Each may log in, measure and ask; beyond these a window that sends hundreds would stop the app. */
const mostAtOnce = 32

/** Walks flows step by step, unwinds what failed, and keeps every job's view in the store. */
export function createJobs(store: Store, clock: Clock, receipts: Receipts, log: Log): Jobs {
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

      if (running.size >= mostAtOnce) fail('TOO_MANY_JOBS', { most: String(mostAtOnce) })

      const jobId = clock.newId()
      const view: JobView = {
        id: jobId,
        kind,
        builderId,
        address,
        state: 'running',
        steps: stepsOf(kind).map((name) => ({ name, state: 'waiting' })),
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
      const ended = runFlow(jobId, flow, {
        abort,
        ask: questions.ask,
        clock,
        receipts,
        log,
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
      store.update((state) => ({ ...state, jobs: [...known.map(recalled), ...state.jobs] }))
    },
    async close() {
      const jobs = [...running.values()]
      for (const job of jobs) job.cancel()
      await Promise.all(jobs.map((job) => job.ended))
    },
  }
}
