import type { RemoteFacts } from '../../../contract/remote'
import { type KnownFailure, withFlowFacts } from '../../../core/failures/failure'
import { passwordOwner, type RootFacts, takesPassword } from '../../../core/login/root-way'
import { waysToTry, withInside, withWayInSaid } from '../../../core/provision/inside'
import { parseInside, parseInspection, type ScriptResult } from '../../../core/provision/inspect'
import { leftThere, parseOutcome, parseStep } from '../../../core/provision/progress'
import {
  insideScript,
  inspectScript,
  type KeyLines,
  type LetInKeys,
  provisionScript,
  rekeyScript,
  runsAs,
  unprovisionScript,
} from '../../../core/scripts/script'
import { FailureError, fail } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import type { RemoteHost, RunOptions } from '../../ports/ssh'

/** A machine we are logged in to, and how to become root there. */
export interface RemoteSession {
  readonly host: RemoteHost
  readonly facts: RootFacts
  readonly sudoPassword?: string
}

type Needs = Pick<Ports, 'scripts' | 'clock'>

const inspectTimeoutMs = 60_000
const changeTimeoutMs = 180_000

/** Whether becoming root takes a password, and root is needed at all. */
export function needsSudoPassword(
  facts: Pick<RemoteFacts, 'root'>,
  parameters: Readonly<Record<string, string>>,
): boolean {
  return takesPassword(facts.root) && runsAs(parameters) === 'root'
}

/** sudo's password of whoever set the builder up, where it is needed; asked for. */
export function sudoPasswordFor(job: Job, { facts, login, provision }: BuilderRecord, host: string) {
  return askSudoPassword(job, facts, provision, { user: login.user, host })
}

/** The same of whoever is logged in. */
export async function askSudoPassword(
  job: Job,
  facts: RootFacts,
  parameters: Readonly<Record<string, string>>,
  { user, host }: Pick<RemoteHost, 'user' | 'host'>,
): Promise<string | undefined> {
  if (!needsSudoPassword(facts, parameters)) return undefined
  const owner = passwordOwner(facts, user)
  const answer = await job.ask({ kind: 'sudo-password', user: owner, host, again: false })
  return answer.kind === 'secret' ? answer.secret : fail('CANCELLED')
}

/**
 * One read-only look, one round trip; one more for each way to a Nix that is not to be seen without. `wrapper` is the
 * name of the program there by which the person gets to it.
 */
export async function inspect(
  { scripts, clock }: Needs,
  job: Job,
  host: RemoteHost,
  wrapper?: string | undefined,
): Promise<RemoteFacts> {
  const nonce = clock.newId()
  const options = { as: 'user' as const, timeoutMs: inspectTimeoutMs, signal: job.signal }
  const run = (script: string) => host.run(script, options)
  const parsed = parseInspection(await run(inspectScript(scripts, nonce, wrapper)), nonce)
  if (!parsed.ok) throw new FailureError(withHost(parsed.failure, host))
  return await lookInside(run, scripts, parsed.value, nonce)
}

/** Tries the ways to a Nix that is not to be seen without one, a round trip each; the first that leads there counts. */
export async function lookInside(
  run: (script: string) => Promise<ScriptResult>,
  scripts: Needs['scripts'],
  facts: RemoteFacts,
  nonce: string,
): Promise<RemoteFacts> {
  let found = facts
  for (const way of waysToTry(facts)) {
    const result = await run(insideScript(scripts, way, nonce))
    const inside = withInside(facts, way, parseInside(result, nonce))
    if (inside) return inside
    found = withWayInSaid(facts, result)
  }
  return found
}

/** Makes what the plan said, streaming its progress into the step's note. */
export async function provision(
  { scripts, clock }: Needs,
  job: Job,
  far: RemoteSession,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
): Promise<void> {
  const nonce = clock.newId()
  const onLine = (line: string) => {
    const step = parseStep(line, nonce)
    if (step?.state === 'start') job.note(step.name)
  }
  const script = provisionScript(scripts, parameters, lines, nonce)
  const result = await far.host.run(script, { ...runOptions(far, parameters, job.signal), onLine })
  const outcome = parseOutcome(result, nonce)
  if (!outcome.ok) throw new FailureError(withHost(outcome.failure, far.host))
  job.note(`builds log in as ${parameters.user}`)
}

/** Lets keys in there, beside those in force or alone; what is so already is left alone. */
export async function letIn(
  { scripts, clock }: Needs,
  far: RemoteSession,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
  how: { readonly act: 'beside' | 'only'; readonly keys: LetInKeys },
  signal: AbortSignal,
): Promise<void> {
  const nonce = clock.newId()
  const script = rekeyScript(scripts, parameters, lines, how, nonce)
  const outcome = parseOutcome(await far.host.run(script, runOptions(far, parameters, signal)), nonce)
  if (!outcome.ok) throw new FailureError(withHost(outcome.failure, far.host))
}

/** Takes back what was made there for one builder, and says what stays; running it twice changes nothing. */
export async function unprovision(
  { scripts, clock }: Needs,
  job: Pick<Job, 'leave'>,
  far: RemoteSession,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
  signal: AbortSignal,
): Promise<void> {
  const nonce = clock.newId()
  const script = unprovisionScript(scripts, parameters, lines, nonce)
  const outcome = parseOutcome(await far.host.run(script, runOptions(far, parameters, signal)), nonce)
  if (!outcome.ok) throw new FailureError(withHost(ofCleaningUp(outcome.failure), far.host))
  for (const sentence of leftThere(outcome.value, far.host.host)) job.leave(sentence)
}

/** How a script runs there, as whoever the parameters say. */
export function runOptions(
  { host, facts, sudoPassword }: RemoteSession,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): RunOptions {
  return {
    as: runsAs(parameters),
    rootWay: facts.root,
    ...(sudoPassword === undefined ? {} : { sudoPassword, passwordOwner: passwordOwner(facts, host.user) }),
    timeoutMs: changeTimeoutMs,
    signal,
  }
}

/** The failure of a script that takes back, told apart from one that sets up. */
function ofCleaningUp(failure: KnownFailure): KnownFailure {
  if (failure.code !== 'REMOTE_SCRIPT_FAILED') return failure
  return { ...failure, facts: { ...failure.facts, work: 'clean-up' } }
}

/** A failure that says where it happened. */
export function withHost(
  failure: KnownFailure,
  { host, user, port }: Pick<RemoteHost, 'host' | 'user' | 'port'>,
): KnownFailure {
  return withFlowFacts(failure, { host, user, port: String(port) })
}
