import type { Failure, Reply } from '../../contract/failure'
import type { JobView } from '../../contract/job'
import { takenBackWords } from '../../core/jobs/words'
import type { PresetAnswers } from './answer-question'
import type { Terminal } from './context'
import { followJob, type ShowStep } from './follow-job'
import { exitStatus } from './io'
import { exitStatusOf, failureText } from './text/failure-text'

/** Starts a job through its handler and follows it to its end; a refusal to start is the job's failure too. */
export async function runJob(
  { app, io }: Terminal,
  start: Promise<Reply<{ readonly jobId: string }>>,
  given: PresetAnswers,
  show: ShowStep,
): Promise<{ readonly job: JobView } | { readonly failure: Failure }> {
  const started = await start
  if (!started.ok) return { failure: started.failure }
  const job = await followJob(await app(), started.value.jobId, given, io, show)
  return job.failure ? { failure: job.failure, job } : { job }
}

/** The end of a command: words on stderr and the exit status. */
export function endWith(
  { io, end }: Terminal,
  outcome: { readonly failure?: Failure; readonly job?: JobView },
): void {
  for (const sentence of outcome.job?.leftBehind ?? []) io.err(`Left behind: ${sentence}\n`)
  if (outcome.failure) io.err(failureText(outcome.failure))
  const takenBack = outcome.job && takenBackWords(outcome.job)
  if (takenBack !== undefined) io.err(`${takenBack}\n`)
  end(outcome.failure ? exitStatusOf(outcome.failure) : exitStatus.done)
}
