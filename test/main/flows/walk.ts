import type { JobView } from '../../../contract/job'
import type { FailureCode } from '../../../core/failures/rows'
import { startApp } from '../../fakes/app'
import type { Fault, Point } from '../../fakes/calls'
import { type CallName, documentedFailures } from '../../fakes/documented-failures'
import type { Picture } from '../../fakes/world'
import type { FlowCase } from './flows'
import { runRemedy } from './remedy'
import type { Stage } from './stage'

/** One thing that goes wrong at one call of a flow. */
export interface Mishap {
  readonly at: number
  readonly point: Point
  readonly fault: Fault
}

/** A flow after its mishap. */
export interface Walked {
  readonly stage: Stage
  readonly before: Picture
  readonly isCrashed: boolean
  /** Undefined: it was no job, or has not ended. */
  readonly job: JobView | undefined
  /** How what is no job has failed. */
  readonly failure: unknown
}

/** Whose answer cannot get lost after its effect: a read has none, and a file is there when its name is. */
const isAtomic = (point: Point) =>
  /\.(status|inspect|ping|get|kind|read|write|update|count|check|taken|open|readHostKey|remember|nix|settings|speedScore|connect|probe)$/.test(
    point,
  )

/** Between two of these nothing happens that could be cut short in another way. */
const isQuickRead = (point: Point) =>
  /^(helper\.(status|inspect)|(records|receipts|userConf)\.read|keychain\.(get|kind)|slots\.taken|local\.)/.test(
    point,
  )

export const faultKinds = [
  'fails',
  'lasting',
  'lost-reply',
  'decline',
  'cancel',
  'late-cancel',
  'crash',
] as const

/** All that can go wrong in a flow: each call it makes in turn, in every way that the call's port documents. */
export async function mishapsOf(flow: FlowCase, kind: Fault['kind']): Promise<readonly Mishap[]> {
  const stage = await flow.before()
  const from = stage.world.calls.log.length
  await flow.act(stage)
  const points = stage.world.calls.log.slice(from)
  return points.flatMap((point, at) => faultsOf(point, kind).map((fault) => ({ at, point, fault })))
}

function faultsOf(point: Point, kind: Fault['kind']): readonly Fault[] {
  if (isQuestion(point)) return kind === 'decline' || kind === 'cancel' || kind === 'crash' ? [{ kind }] : []
  if (kind === 'decline') return []
  if (kind === 'cancel' || kind === 'late-cancel' || kind === 'crash')
    return isQuickRead(point) ? [] : [{ kind }]
  const codes: readonly FailureCode[] = documentedFailures[point]
  if (kind === 'fails') return codes.map((code) => ({ kind, code }))
  return kind === 'lost-reply' && isAtomic(point) ? [] : codes.slice(0, 1).map((code) => ({ kind, code }))
}

function isQuestion(point: Point): point is Exclude<Point, CallName> {
  return point.startsWith('asks ')
}

/** Runs a flow into its mishap. */
export async function walk(flow: FlowCase, { at, fault }: Mishap): Promise<Walked> {
  const stage = await flow.before()
  const { calls } = stage.world
  const before = stage.world.picture()
  calls.plan(at, fault)
  let job: JobView | undefined
  let failure: unknown
  const acted = flow.act(stage).then(
    (view) => {
      job = view
    },
    (error: unknown) => {
      failure = error
    },
  )
  await Promise.race([acted, calls.crashed])
  return { stage, before, isCrashed: fault.kind === 'crash', job, failure }
}

/**
 * The same world some time later: what failed works again, after a crash the app has been started anew, and the person
 * has run the commands that were named for what is left.
 */
export async function recover({ stage: { world, app }, isCrashed, job }: Walked): Promise<Stage> {
  world.calls.mend()
  const later = { world, app: isCrashed ? startApp(world) : app }
  if (isCrashed) await later.app.jobs.recall()
  await later.app.refresh()
  const [recalled] = later.app.store.state().jobs
  for (const sentence of (job ?? recalled)?.leftBehind ?? []) await runRemedy(later, sentence)
  if (job) await later.app.jobs.dismiss(job.id)
  await later.app.refresh()
  return later
}
