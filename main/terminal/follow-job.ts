import type { Failure } from '../../contract/failure'
import type { JobView, Question, StepView } from '../../contract/job'
import { createFailure } from '../../core/failures/failure'
import { answerQuestion, type PresetAnswers } from './answer-question'
import type { AppView } from './app-view'
import type { Io } from './io'
import { stepLine } from './text/step-line'

/** Told of each step as it begins, as its note changes and as it ends. */
export type ShowStep = (step: StepView, change: 'state' | 'note') => void

/** SIGHUP: the terminal was closed. Whatever has begun is taken back all the same. */
const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const ended: readonly JobView['state'][] = ['done', 'failed', 'cancelled']

/**
 * Watches a job to its end: prints its steps, answers its questions. A question nobody can answer cancels the
 * job, and the failure says so (ANSWER_NEEDED).
 */
export async function followJob(
  app: AppView,
  jobId: string,
  given: PresetAnswers,
  io: Io,
  show: ShowStep,
): Promise<JobView> {
  const seen = new Map<string, StepView>()
  let asked: string | undefined
  /** While the person is asked; aborting it takes the question back. */
  let asking: AbortController | undefined
  let unanswered: Failure | undefined

  const cancel = () => app.handlers['cancel-job']({ jobId })
  const answer = async (job: JobView) => {
    if (!job.asked || job.asked.id === asked) return
    asked = job.asked.id
    const { id: questionId, question } = job.asked
    io.screen?.clear()
    const now = new AbortController()
    asking = now
    const { signal } = now
    const prompt: Io['prompt'] = (text, hidden) => io.prompt(text, hidden, signal)
    // Ctrl-C, or no more input: the job is cancelled.
    const reply = await answerQuestion(question, given, { ...io, prompt }).catch(() => 'interrupted' as const)
    // Taken back: whoever did so has seen to the job.
    if (signal.aborted) return
    asking = undefined
    if (reply === 'interrupted') await cancel()
    else if (reply) await app.handlers.answer({ jobId, questionId, answer: reply })
    else {
      unanswered = unansweredFailure(question)
      await cancel()
    }
  }

  const takeBack = () => {
    asking?.abort()
    asking = undefined
  }
  const onInterrupt = () => {
    takeBack()
    void cancel()
  }
  for (const signal of interrupts) process.on(signal, onInterrupt)
  try {
    return await new Promise<JobView>((resolve) => {
      const onSnapshot = () => {
        const job = app.store.state().jobs.find((candidate) => candidate.id === jobId)
        if (!job) return
        // The job goes on, or has ended, without an answer.
        if (job.asked?.id !== asked) takeBack()
        // What goes on meanwhile is shown below the question, not in its line.
        for (const step of asking ? [] : job.steps) {
          const before = seen.get(step.name)
          if (step.state === 'waiting' || before === step) continue
          seen.set(step.name, step)
          if (before?.state !== step.state) show(step, 'state')
          else if (before.note !== step.note) show(step, 'note')
        }
        void answer(job)
        if (!ended.includes(job.state)) return
        stop()
        resolve(
          unanswered && job.state === 'cancelled' ? { ...job, state: 'failed', failure: unanswered } : job,
        )
      }
      const stop = app.store.subscribe(onSnapshot)
      onSnapshot()
    })
  } finally {
    for (const signal of interrupts) process.off(signal, onInterrupt)
  }
}

/** What is to be done by hand is worth more than the advice to come back with a terminal. */
function unansweredFailure(question: Question): Failure {
  const byHand = question.kind === 'run-as-root' ? question.command : undefined
  return createFailure('ANSWER_NEEDED', { question: question.kind }, byHand)
}

/** Human progress: one line for each step as it ends; on a terminal also how it goes, in place. */
export function printStep(io: Io): ShowStep {
  return (step) => {
    if (step.state === 'running') {
      io.screen?.draw(stepLine(step))
      return
    }
    io.screen?.clear()
    io.out(`${stepLine(step)}\n`)
  }
}
