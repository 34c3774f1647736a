import type { Proof, RegisteredBuilder } from '../../contract/builder'
import type { SwitchRequest } from '../../contract/helper'
import { Refusal } from '../protocol/refusal'
import { builderOf, changeBuilder, desiredStateOf, type State } from '../state/state'
import { withReading, withTrial } from '../system/places'
import { enforceRateLimit } from '../system/rate-limit'
import { apply, type Context, requireSetUp, withStateChange } from './apply-state'
import { dropNewKey, useNewKey } from './new-key'
import type { Operations } from './operation'
import { pingLine } from './ping-line'
import { approvedBuilder, ping, prove } from './prove'
import { readDaemon } from './read-daemon'
import { withSharingFallback } from './sharing'
import { readStatus } from './status'

/** What an active local session may do without a password: turn approved builders off and on, and try them. */
export const switchOperations: Operations<SwitchRequest> = {
  status: ({ system }) => withReading(system, async () => ({ status: readStatus(system) })),

  'read-daemon': ({ system }) =>
    withReading(system, async () => {
      const daemon = await readDaemon(system)
      return daemon ? { daemon } : {}
    }),

  'set-enabled': (context, request) =>
    withStateChange(context, request, async (current) => {
      enforceRateLimit(context.system, 'switch-calls')
      const state = stateWith(current, request.id)
      if (request.enabled && builderOf(state, request.id).quarantined) {
        throw new Refusal('INVALID', 'quarantined', `The host key of ${request.id} changed.`)
      }
      const wanted = changeBuilder(desiredStateOf(state), request.id, { enabled: request.enabled })
      return { generation: await apply(context, request.op, state, wanted) }
    }),

  'set-many-enabled': (context, request) =>
    withStateChange(context, request, async (current) => {
      enforceRateLimit(context.system, 'switch-calls')
      const { enabled } = request
      const ids = new Set(request.ids)
      const state = requireSetUp(current)
      for (const id of ids) {
        if (builderOf(state, id).quarantined && enabled)
          throw new Refusal('INVALID', 'quarantined', `The host key of ${id} changed.`)
      }
      const builders = state.builders.map((one) => (ids.has(one.id) ? { ...one, enabled } : one))
      return { generation: await apply(context, request.op, state, { ...desiredStateOf(state), builders }) }
    }),

  ping: async (context, request) => {
    const builder = await approvedBuilder(context, request)
    const pinging = () => withSharingFallback(context, builder, () => ping(context, builder))
    return { latencyMs: await withTrial(context.system, builder.id, pinging) }
  },

  'ping-line': async (context, request) => ({ latencyMs: await pingLine(context, request.line) }),

  prove: async (context, request) => {
    const builder = await approvedBuilder(context, request)
    return { proof: await withTrial(context.system, builder.id, () => pingAndProve(context, builder)) }
  },

  'use-new-key': useNewKey,
  'drop-new-key': dropNewKey,
}

async function pingAndProve(context: Context, builder: RegisteredBuilder): Promise<Proof> {
  if (builder.sharing === 'on') {
    const inTurn = async () => {
      await ping(context, builder)
      return await prove(context, builder)
    }
    return await withSharingFallback(context, builder, inTurn)
  }
  // Side by side, as each logs in for itself; why a handshake failed says more than that a build did.
  const [pinged, proved] = await Promise.allSettled([ping(context, builder), prove(context, builder)])
  if (pinged.status === 'rejected') throw pinged.reason
  if (proved.status === 'rejected') throw proved.reason
  return proved.value
}

function stateWith(current: State | undefined, id: string): State {
  const state = current ?? requireSetUp(undefined)
  builderOf(state, id)
  return state
}
