import type { JobView } from '../../contract/job'
import { createFailure, isOneOf } from '../../core/failures/failure'
import { jobRow } from '../../core/jobs/kinds'
import type { LogFields } from '../../core/log/entry'
import { failureFields } from '../../core/log/error-fields'
import { loggable, logged, toFailure } from '../failures'
import type { Clock } from '../ports/local'
import type { Log } from '../ports/log'
import type { Receipt, RecordsPort } from '../ports/records'
import type { Ask } from '../ports/ssh'
import type { Flow, Job, Undo } from './job'

/** Where receipts are kept. */
export type Receipts = Pick<RecordsPort, 'receipts' | 'putReceipt' | 'deleteReceipt'>

const unwindTimeoutMs = 120_000

type Entry = { readonly undo: Undo } | { readonly always: () => Promise<void> }

/** What one walk of a flow is given. */
export interface FlowContext {
  readonly abort: AbortController
  readonly ask: Ask
  readonly clock: Clock
  readonly receipts: Receipts
  readonly log: Log
  readonly patch: (change: (view: JobView) => JobView) => void
  readonly view: () => JobView
  readonly afterwards: () => Promise<void>
}

/** Runs a flow to its end, unwinding what failed; returns the job's last view and never rejects. */
export async function runFlow(jobId: string, flow: (job: Job) => Flow, w: FlowContext): Promise<JobView> {
  const startedMs = w.clock.now().getTime()
  const stack: Entry[] = []
  let step: string | undefined
  let stepStartedMs = startedMs

  const setStep = (name: string, change: Partial<JobView['steps'][number]>) =>
    w.patch((view) => ({
      ...view,
      steps: view.steps.map((s) => (s.name === name ? { ...s, ...change } : s)),
    }))
  const endStep = (state: 'done' | 'failed') => {
    if (step) setStep(step, { state, durationMs: w.clock.now().getTime() - stepStartedMs })
  }

  const keepReceipt = (leftBehind: readonly string[], isEnded = false) => {
    const { kind, builderId, address } = w.view()
    const startedAt = new Date(startedMs).toISOString()
    const ended = isEnded ? { isEnded } : {}
    return w.receipts.putReceipt({ jobId, kind, builderId, address, startedAt, leftBehind, ...ended })
  }
  const unsettled: string[] = []

  const job: Job = {
    id: jobId,
    signal: w.abort.signal,
    ask: w.ask,
    note: (note) => step && setStep(step, { note }),
    show: (part) => w.patch((view) => ({ ...view, ...part })),
    async undo(undo) {
      await keepReceipt([undo.ifLeft, ...sentences(stack)])
      stack.push({ undo })
      w.patch((view) => ({ ...view, changed: true }))
    },
    always: (always) => void stack.push({ always }),
    leave: (sentence, until) => {
      if (until) unsettled.push(sentence)
      w.patch((view) => ({
        ...view,
        leftBehind: [...view.leftBehind, sentence],
        ...(until ? { isUnsettled: true } : {}),
      }))
    },
  }

  const { kind, builderId: builder } = w.view()
  const about = { job: jobId, kind, builder }
  w.log.write('job-started', about)
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
    const failure = {
      ...toFailure(w.abort.signal.aborted ? w.abort.signal.reason : error),
      ...(step ? { step } : {}),
    }
    // What was asked about was made, or counted; it is the person who said no to more.
    endStep(isOneOf(failure, ['PLAN_DECLINED', 'COLLECT_DECLINED']) ? 'done' : 'failed')
    const isCancelled = isOneOf(failure, ['CANCELLED', 'COLLECT_DECLINED'])
    outcome = { state: isCancelled ? 'cancelled' : 'failed', failure }
    if (stack.some((entry) => 'undo' in entry))
      w.patch(({ asked: _, ...view }) => ({ ...view, state: 'undoing' }))
  }

  const leftBehind = await unwind(stack, outcome.state !== 'done', w.log, about)
  if (leftBehind.length > 0) await keepReceipt(leftBehind).catch(logged(w.log, 'receipt-not-kept', about))
  else {
    const isDone = outcome.state === 'done'
    const settle = async () => {
      const isUnsettled = isDone && unsettled.length > 0
      if (isUnsettled) await keepReceipt(unsettled, true)
      await forgetReceipts(w, jobId, { isDone, isUnsettled })
    }
    await settle().catch(logged(w.log, 'receipt-not-kept', about))
  }
  await w.afterwards().catch(logged(w.log, 'system-not-read-after-job', about))
  const durationMs = w.clock.now().getTime() - startedMs
  w.log.write('job-ended', {
    ...about,
    ...(outcome.state ? { state: outcome.state } : {}),
    ...(outcome.failure ? failureFields(outcome.failure) : {}),
    ms: durationMs,
  })
  w.patch(({ asked: _, ...view }) => ({
    ...view,
    ...outcome,
    durationMs,
    leftBehind: [...view.leftBehind, ...leftBehind],
    steps: view.steps.map((s) => (s.state === 'waiting' ? { ...s, state: 'skipped' } : s)),
  }))
  return w.view()
}

/** This job's own, unless it left something to settle; once one has gone well that settles them, also those of earlier tries at its builder. */
async function forgetReceipts(
  { receipts, view }: FlowContext,
  jobId: string,
  { isDone, isUnsettled }: { readonly isDone: boolean; readonly isUnsettled: boolean },
): Promise<void> {
  const { kind, builderId } = view()
  const { settles } = jobRow(kind)
  const isSettled = (one: Receipt) => isDone && (settles === true || (settles === 'own' && one.kind === kind))
  for (const receipt of await receipts.receipts()) {
    const isOwn = receipt.jobId === jobId
    if (isOwn ? !isUnsettled : isSettled(receipt) && receipt.builderId === builderId) {
      await receipts.deleteReceipt(receipt.jobId)
    }
  }
}

/** What would be left behind if everything stopped now, in the order in which it is to be taken back. */
function sentences(stack: readonly Entry[]): string[] {
  return stack.toReversed().flatMap((entry) => ('undo' in entry ? [entry.undo.ifLeft] : []))
}

/** The view of a job whose app ended before it did, or before what it left behind was settled. */
export function recalled({ jobId, kind, builderId, address, leftBehind, isEnded }: Receipt): JobView {
  return {
    id: jobId,
    kind,
    builderId,
    address,
    ...(isEnded
      ? { state: 'done', isUnsettled: true }
      : { state: 'failed', failure: createFailure('INTERRUPTED', { builder: builderId }) }),
    steps: [],
    leftBehind,
    changed: true,
  }
}

/** Runs cleanups last first; undos only after a failure. Returns what could not be undone. */
async function unwind(
  stack: readonly Entry[],
  failed: boolean,
  log: Log,
  about: LogFields,
): Promise<string[]> {
  const left: string[] = []
  for (const entry of stack.toReversed()) {
    if ('always' in entry) await entry.always().catch(logged(log, 'cleanup-failed', about))
    else if (failed) {
      await entry.undo.run(AbortSignal.timeout(unwindTimeoutMs)).catch((error: unknown) => {
        log.write('undo-failed', { ...about, ...loggable(error) })
        left.push(entry.undo.ifLeft)
      })
    }
  }
  return left
}
