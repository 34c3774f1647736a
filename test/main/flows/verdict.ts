import { isDeepStrictEqual } from 'node:util'
import { FailureError } from '../../../main/failures'
import { secret } from '../../fakes/person'
import type { Picture } from '../../fakes/world'
import type { FlowCase } from './flows'
import type { Stage } from './stage'
import { type Mishap, recover, type Walked, walk } from './walk'

/** What is wrong after a mishap, a sentence each; none where the flow has kept its promises. */
export async function problemsAfter(flow: FlowCase, mishap: Mishap): Promise<readonly string[]> {
  const walked = await walk(flow, mishap)
  const problems = [...(walked.isCrashed ? afterCrash(walked) : afterEnd(flow, mishap, walked))]
  const later = await recover(walked)
  problems.push(...(await whenRunAgain(flow, later)))
  problems.push(...walked.stage.world.calls.misuses)
  if (isSecretSpilled(walked.stage)) problems.push('a secret lies where it can be read')
  const { fault, point, at } = mishap
  const code = 'code' in fault ? ` with ${fault.code}` : ''
  return problems.map((problem) => `${point} (call ${at}) ${fault.kind}${code}: ${problem}`)
}

function* afterEnd(flow: FlowCase, { fault }: Mishap, walked: Walked): Generator<string> {
  const { stage, before, job, failure } = walked
  const { world } = stage
  if (world.openSessions() > 0) yield 'a session is left open'
  if (job?.state === 'done') return yield* whatDoesNotHold(flow, stage)
  if (!job && failure === undefined) return
  if (!(failure === undefined || failure instanceof FailureError)) yield `it threw ${String(failure)}`
  if (job?.failure?.code === 'UNEXPECTED') yield `it threw ${job.failure.detail}`

  const left = job?.leftBehind ?? []
  const isAsBefore = isDeepStrictEqual(shown(before), shown(world.picture()))
  const mayBeDone = fault.kind === 'lost-reply' || fault.kind === 'late-cancel'
  const isDone = mayBeDone && [...whatDoesNotHold(flow, stage)].length === 0
  // Outside of jobs nobody is there to be told: it has to heal when it is run again.
  if (job && !isAsBefore && !isDone && left.length === 0) yield 'something has changed, and nothing says so'
  // Where the same thing fails again and again, nobody can look.
  if (isAsBefore && left.length > 0 && fault.kind !== 'lasting')
    yield `it is said to be left: ${left.join(' ')}`
  const receipts = world.data.receipts.size
  if (job && receipts > 0 !== left.length > 0 && fault.kind !== 'lasting')
    yield `${receipts} receipts are kept for ${left.length} things left`
}

/** A job that keeps receipts is found again; what a switch of one file or of root's has done is read back. */
function* afterCrash({ stage: { app, world }, before }: Walked): Generator<string> {
  const kind = app.store.state().jobs.find(({ durationMs }) => durationMs === undefined)?.kind
  const keepsReceipts =
    kind !== undefined && ['add', 'remove', 'offer-substituter', 'rotate-key'].includes(kind)
  const isAsBefore = isDeepStrictEqual(shown(before), shown(world.picture()))
  const said = [...world.data.receipts.values()].flatMap(({ leftBehind }) => leftBehind)
  if (keepsReceipts && !isAsBefore && said.length === 0) yield 'something has changed, and no receipt says so'
}

/** Whoever tries again once the reason is gone gets what they wanted. */
async function* retry(flow: FlowCase, stage: Stage): AsyncGenerator<string> {
  try {
    const job = await flow.act(stage)
    if (job && job.state !== 'done')
      yield `run again it failed with ${job.failure?.code} ${job.failure?.detail ?? ''}`
    else yield* whatDoesNotHold(flow, stage)
  } catch (error) {
    yield `run again it threw ${String(error)}`
  }
}

async function whenRunAgain(flow: FlowCase, stage: Stage): Promise<readonly string[]> {
  // What is done already needs no second time, and may be refused one.
  if ([...whatDoesNotHold(flow, stage)].length === 0) return []
  const problems: string[] = []
  for await (const problem of retry(flow, stage)) problems.push(problem)
  return problems
}

function* whatDoesNotHold(flow: FlowCase, { world }: Stage): Generator<string> {
  try {
    flow.holds(world)
  } catch (error) {
    yield `it does not stand as it should: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The password of the machines, or the private half of a key, in the log, in anybody's files or in what is shown. */
function isSecretSpilled({ world, app }: Stage): boolean {
  const seen = JSON.stringify([world.log, world.picture(), [...world.data.receipts], app.store.snapshot()])
  return seen.includes(secret) || seen.includes('PRIVATE ')
}

/** What counts as changed: a failed test is remembered, and should be. */
function shown({ computer, machines }: Picture) {
  const records = Object.entries(computer.data.records).map(([id, { failure: _, ...record }]) => [id, record])
  return { ...computer, data: { ...computer.data, records }, machines }
}
