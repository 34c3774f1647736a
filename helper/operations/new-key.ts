import { isDeepStrictEqual } from 'node:util'
import type { RegisteredBuilder } from '../../contract/builder'
import { newKeyAlias, newKeyPath } from '../../core/ssh/alias'
import { Refusal } from '../protocol/refusal'
import {
  deleteNewKey,
  ensureKey,
  ensureNewKey,
  publicHalfOfNewKey,
  useNewKey as putInPlace,
  requireKey,
  withoutComment,
} from '../state/keys'
import { builderOf, changeNewKey, desiredStateOf, type State } from '../state/state'
import { withTrial } from '../system/places'
import { enforceRateLimit } from '../system/rate-limit'
import { keyPath } from '../system/system'
import { apply, type Context, requireSetUp, withStateChange } from './apply-state'
import type { OperationResult } from './operation'
import { approvedBuilder, ping, prove } from './prove'

interface Request {
  readonly op: string
  readonly id: string
  readonly expectedGeneration?: number | undefined
}

/**
 * Makes a key beside the one in force, which goes on being the daemon's. What a rotation that was killed has made
 * already is taken. Fails with INVALID, quarantined.
 */
export function makeNewKey(context: Context, request: Request): Promise<OperationResult> {
  return withStateChange(context, request, async (current) => {
    const state = requireSetUp(current)
    const { quarantined } = builderOf(state, request.id)
    if (quarantined) throw new Refusal('INVALID', 'quarantined', `The host key of ${request.id} changed.`)
    context.trail.begin(request.op)
    context.step('key')
    const publicKey = await ensureNewKey(context.system, request.id)
    const inForce = await ensureKey(context.system, request.id)
    const generation = await note(context, request, state, { inForce, next: withoutComment(publicKey) })
    return { generation, publicKey }
  })
}

/**
 * Logs in and builds by the new key alone: a stanza of its own names it, and no other. Only what has built takes the old
 * one's place. Fails with INVALID, no-new-key, and as `prove` does; then the old key stays in force.
 */
export async function useNewKey(context: Context, request: Request): Promise<OperationResult> {
  const { system } = context
  const builder = await approvedBuilder(context, request)
  const by = { alias: newKeyAlias(builder.id), key: newKeyPath(keyPath(system, builder.id)) }
  const { publicKey, proof } = await withTrial(system, builder.id, async () => {
    const publicKey = await requireNewKey(context, builder)
    await ping(context, builder, by)
    return { publicKey, proof: await prove(context, builder, by.alias, by.key) }
  })
  const generation = await withStateChange(context, request, async (current) => {
    const state = requireSetUp(current)
    const isProven = isDeepStrictEqual(wayTo(builderOf(state, request.id)), wayTo(builder))
    if (!isProven || (await requireNewKey(context, builder)) !== publicKey) {
      throw new Refusal('CONFLICT', undefined, `${request.id} was changed while its new key was tried.`)
    }
    // Noted first: what fails on the way leaves the old file, which is what counts.
    const wanted = changeNewKey(desiredStateOf(state), request.id, publicKey, undefined)
    const made = await apply(context, request.op, state, wanted)
    putInPlace(system, request.id)
    return made
  })
  return { generation, proof }
}

/** Deletes a new key, unless it has taken the old one's place; the answer is the public half of the one in force. */
export function dropNewKey(context: Context, request: Request): Promise<OperationResult> {
  return withStateChange(context, request, async (current) => {
    enforceRateLimit(context.system, 'switch-calls')
    const state = requireSetUp(current)
    builderOf(state, request.id)
    context.trail.begin(request.op)
    deleteNewKey(context.system, request.id)
    const inForce = await requireKey(context.system, request.id)
    return { generation: await note(context, request, state, { inForce }), publicKey: inForce }
  })
}

/** Writes what the two key files are, which also mends what a helper that died between a file and its note has left. */
async function note(
  context: Context,
  { op, id }: Request,
  state: State,
  { inForce, next }: { readonly inForce: string; readonly next?: string },
) {
  const wanted = changeNewKey(desiredStateOf(state), id, withoutComment(inForce), next)
  return await apply(context, op, state, wanted)
}

async function requireNewKey({ system }: Context, { id, nextBuildKey }: RegisteredBuilder): Promise<string> {
  const publicKey = await publicHalfOfNewKey(system, id)
  if (nextBuildKey !== undefined && publicKey !== undefined && withoutComment(publicKey) === nextBuildKey)
    return nextBuildKey
  throw new Refusal('INVALID', 'no-new-key', `There is no new key of ${id} to be used.`)
}

/** Where a proof has shown the key to work. */
function wayTo({ host, port, user, protocol, hostKeys, jump, nextBuildKey }: RegisteredBuilder) {
  return [host, port, user, protocol, hostKeys, jump, nextBuildKey]
}
