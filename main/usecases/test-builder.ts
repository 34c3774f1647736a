import type { RegisteredBuilder } from '../../contract/builder'
import { withFlowFacts } from '../../core/failures/failure'
import { FailureError, fail, toFailure } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import type { BuilderRecord } from '../ports/records'
import { requireBuilder } from './set-enabled'
import { requireUsed } from './steps/nix-use'

type Needs = Pick<Ports, 'helper' | 'local' | 'records'>

/**
 * Proves that a builder works: the daemon's own handshake as root, then a derivation that only this builder
 * may take, its output read back. Works on a paused builder without letting anybody else's build onto it.
 */
export async function* testBuilder(ports: Needs, job: Job, id: string): Flow<'test'> {
  yield 'prove'
  const builder = await requireBuilder(ports, id)
  // First, because a proof brings its own settings: it would pass although nobody's builds get there.
  await requireUsed(ports, builder)
  const proof = await prove(ports, job, builder).catch(async (error: unknown) => {
    const failure = toFailure(error)
    if (failure.code !== 'CANCELLED') await remember(ports, id, { failure })
    throw error
  })
  await remember(ports, id, { proof })
}

/**
 * Runs the proof and shows it; the helper itself ensures that nothing else can take the derivation. What fails names
 * the user that builds log in as: it is who has to be trusted over there.
 */
export async function prove(
  { helper }: Pick<Ports, 'helper'>,
  job: Job,
  { id, user }: Pick<RegisteredBuilder, 'id' | 'user'>,
) {
  const call = helper.call({ op: 'prove', id }, { signal: job.signal, ask: job.ask })
  const { proof } = await call.catch((error: unknown) => {
    throw new FailureError(withFlowFacts(toFailure(error), { user }))
  })
  if (!proof) fail('HELPER_FAILED', { builder: id })
  job.show({ proof })
  return proof
}

/** A success clears the last failure; a failure keeps the last proof, with its date. */
async function remember(
  { records }: Needs,
  id: string,
  outcome: Pick<BuilderRecord, 'proof' | 'failure'>,
): Promise<void> {
  await records.update(id, ({ failure: _, ...rest }) => ({ ...rest, ...outcome }))
}
