import { setTimeout as delay } from 'node:timers/promises'
import type { RegisteredBuilder } from '../../contract/builder'
import { sharedAlias } from '../../core/ssh/alias'
import { Refusal } from '../protocol/refusal'
import { builderOf, changeSharing, desiredStateOf } from '../state/state'
import { canRunControlMasters, isControlMasterInUse } from '../system/control-masters'
import { outputOf, type RunResult, run } from '../system/process'
import { currentLink, type System } from '../system/system'
import { apply, type Context, requireSetUp, withStateChange } from './apply-state'
import { handshake, prove } from './prove'

const startMs = 10_000
const handshakeMs = 10_000
/** ssh's option against the held connection, as Nix takes it from its environment. */
const ownLogin = { NIX_SSHOPTS: '-oControlPath=none' }

interface Request {
  readonly op: string
  readonly id: string
  readonly expectedGeneration?: number | undefined
}

/**
 * Holds a connection to a builder and lets its builds use it, once two handshakes and two builds at a time have
 * gone through it; else nothing stays of it. Returns the generation in force.
 */
export async function verifySharing(context: Context, request: Request): Promise<number> {
  const { system, step } = context
  if (!canRunControlMasters(system)) {
    const detail = 'Neither systemd nor launchd is here to hold a connection.'
    throw new Refusal('UNSUPPORTED', 'no-service-manager', detail)
  }
  const { builder } = await setSharing(context, request, 'trying')
  step('check')
  const problem = await whatKeepsFromSharing(context, builder)
  const { generation } = await setSharing(
    context,
    { op: request.op, id: builder.id },
    problem ? undefined : 'on',
  )
  if (problem === undefined) return generation
  throw new Refusal('NEEDS_ATTENTION', 'sharing-failed', problem)
}

/** Writes how a builder's connection is used; the services follow. Fails with INVALID for one in quarantine. */
export function setSharing(
  context: Context,
  request: Request,
  sharing: RegisteredBuilder['sharing'],
): Promise<{ readonly generation: number; readonly builder: RegisteredBuilder }> {
  return withStateChange(context, request, async (current) => {
    const state = requireSetUp(current)
    const builder = builderOf(state, request.id)
    if (sharing && builder.quarantined) {
      throw new Refusal('INVALID', 'quarantined', `The host key of ${request.id} changed.`)
    }
    if (
      sharing === undefined &&
      builder.sharing === 'on' &&
      isControlMasterInUse(context.system, request.id)
    ) {
      const detail = `Builds go through the shared connection to ${request.id} now, and would end with it.`
      throw new Refusal('NEEDS_ATTENTION', 'connection-in-use', detail)
    }
    const wanted = changeSharing(desiredStateOf(state), request.id, sharing)
    return { generation: await apply(context, request.op, state, wanted), builder }
  })
}

/** Everything goes by a stanza that cannot log in for itself, so what passes has gone through. */
async function whatKeepsFromSharing(
  context: Context,
  builder: RegisteredBuilder,
): Promise<string | undefined> {
  const { system } = context
  const alias = sharedAlias(builder.id)
  const deadline = Date.now() + startMs
  let master = await askMaster(system, builder.id)
  while (master.status !== 0 && Date.now() < deadline) {
    await delay(100)
    master = await askMaster(system, builder.id)
  }
  if (master.status !== 0) return `The connection did not come up. ${outputOf(master)}`
  const hands = () => handshake(system, builder, { alias, timeoutMs: handshakeMs })
  const failedHands = (await Promise.all([hands(), hands()])).find(({ status }) => status !== 0)
  if (failedHands) return outputOf(failedHands)
  const builds = [prove(context, builder, alias), prove(context, builder, alias)]
  for (const result of await Promise.allSettled(builds)) {
    if (result.status === 'rejected') return (result.reason as Error).message
  }
  return undefined
}

/** What ssh says of the held connection (ssh(1) -O check), which is this computer's own; times out where it hangs. */
function askMaster(system: System, id: string): Promise<RunResult> {
  const config = `${currentLink(system)}/ssh_config`
  return run(system, ['ssh', '-F', config, '-O', 'check', sharedAlias(id)], { timeoutMs: 3000 })
}

/**
 * Does what needs a builder; when that fails and the shared connection alone is to blame, turns sharing off and
 * does it once more. One that hangs is found first: ssh before 9.4 waits for it without end, whatever ConnectTimeout says.
 */
export async function withSharingFallback<T>(
  context: Context,
  builder: RegisteredBuilder,
  attempt: () => Promise<T>,
): Promise<T> {
  if (builder.sharing !== 'on') return await attempt()
  if (await hangs(context.system, builder)) return await withoutSharing(context, builder, attempt)
  try {
    return await attempt()
  } catch (error) {
    if (!(await isSharingToBlame(context.system, builder))) throw error
    return await withoutSharing(context, builder, attempt)
  }
}

async function withoutSharing<T>(
  context: Context,
  { id }: RegisteredBuilder,
  attempt: () => Promise<T>,
): Promise<T> {
  context.step('stop-sharing')
  await setSharing(context, { op: 'stop-sharing', id }, 'failed')
  return await attempt()
}

/** Asked twice, because a computer that has just woken or is very busy may be slow once. */
async function hangs(system: System, { id }: RegisteredBuilder): Promise<boolean> {
  return (await askMaster(system, id)).timedOut && (await askMaster(system, id)).timedOut
}

/** What ssh says of a connection with as many sessions as the server allows (mux.c). */
const refusedByPeer = /^mux_client_request_session: session request failed: Session open refused by peer\r?$/m

/** Not while the connection is down, or full: then ssh logs in for itself anyway. */
async function isSharingToBlame(system: System, builder: RegisteredBuilder): Promise<boolean> {
  const master = await askMaster(system, builder.id)
  if (master.status !== 0 && !master.timedOut) return false
  const alias = sharedAlias(builder.id)
  const through = await handshake(system, builder, { alias, timeoutMs: handshakeMs })
  if (through.status === 0 || refusedByPeer.test(through.stderr)) return false
  const alone = await handshake(system, builder, { timeoutMs: handshakeMs, env: ownLogin })
  return alone.status === 0
}
