import { isDeepStrictEqual } from 'node:util'
import type { ConfigureRequest } from '../../contract/helper'
import { isServing } from '../../core/nix/substituter'
import { otherEntryOf } from '../../core/ssh/same-machine'
import { Refusal } from '../protocol/refusal'
import { giveBackLines } from '../state/adopted-lines'
import { checkForeignFiles } from '../state/foreign-files'
import { readGeneration } from '../state/generations'
import { deleteKey, ensureKey, hasKey, withoutComment } from '../state/keys'
import {
  builderOf,
  changeBuilder,
  changeSubstituter,
  type DesiredState,
  desiredStateOf,
  maxBuilders,
  type State,
} from '../state/state'
import { checkRootsSsh } from '../state/validate'
import { syncControlMasters } from '../system/control-masters'
import { restartDaemon } from '../system/daemon'
import { removeTree } from '../system/disk'
import { tellGuard } from '../system/guard'
import { readExistingBuilders } from '../system/local-nix'
import { type System, stampsDirectory } from '../system/system'
import { adoptLine } from './adopt-line'
import { apply, type Context, requireIdle, requireSetUp, setUp, withStateChange } from './apply-state'
import { makeNewKey } from './new-key'
import type { Operations } from './operation'
import { markRestartPending, tearDown } from './set-up'
import { setSharing, verifySharing } from './sharing'

type RequestOf<Op extends ConfigureRequest['op']> = Extract<ConfigureRequest, { op: Op }>

/** What needs an administrator each time. */
export const configureOperations: Operations<ConfigureRequest> = {
  'put-builder': (context, request) =>
    withStateChange(context, request, async (current) => {
      // Before ssh is let at them: it would wait without end for a FIFO in their place.
      checkForeignFiles(context.system)
      await checkRootsSsh(context.system)
      const base = await setUp(context, request.op, request.restartDaemon, current)
      try {
        return await putBuilder(context, request, base)
      } catch (error) {
        if (!current) tearDown(context.system)
        throw error
      }
    }),

  'adopt-line': adoptLine,

  'remove-builder': (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      // A helper that died may have left the key of a builder that is gone.
      if (!hasKey(context.system, request.id)) builderOf(state, request.id)
      const builders = state.builders.filter(({ id }) => id !== request.id)
      if (builders.length === 0) return takeBack(context, request.op, state)
      // Without its stanza the running daemon could not even reach it, and would trust it on.
      const generation = await apply(
        context,
        request.op,
        state,
        { ...desiredStateOf(state), builders },
        'always',
      )
      const warning = giveBackLines(context.system, state.builders, builders)
      deleteKey(context.system, request.id)
      tellGuard(context.system, request.id, false)
      return { generation, ...(warning ? { warning } : {}) }
    }),

  'put-back': (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      // Also where the lines are there, and the running daemon has read what was there before.
      markRestartPending(context.system)
      const { generation } = await setUp(context, request.op, request.restartDaemon, state)
      return { generation }
    }),

  'set-mode': (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      const wanted: DesiredState = { ...desiredStateOf(state), remoteOnly: request.remoteOnly }
      return { generation: await apply(context, request.op, state, wanted) }
    }),

  'set-substituter': (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      const { id, offered, everyone, publicKey } = request
      if (offered && publicKey === undefined) throw new Refusal('INVALID', 'grammar', 'publicKey is missing.')
      const offer = offered && publicKey !== undefined ? { publicKey, everyone } : undefined
      const wanted = changeSubstituter(desiredStateOf(state), id, offer)
      const isSame = isDeepStrictEqual(wanted, desiredStateOf(state))
      if (!isSame && state.builders.some((one) => one.id === id && one.enabled))
        await requireIdle(context, request.restartDaemon)
      return { generation: await apply(context, request.op, state, wanted, request.restartDaemon) }
    }),

  'set-shared': async (context, request) =>
    request.shared
      ? { generation: await verifySharing(context, request) }
      : { generation: (await setSharing(context, request, undefined)).generation },

  'make-new-key': makeNewKey,

  rollback: (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      context.trail.begin(request.op)
      const wanted = await wantedAgain(context.system, state, request.generation)
      const generation = await apply(context, request.op, state, wanted)
      const warning = giveBackLines(context.system, state.builders, wanted.builders)
      return { generation, ...(warning ? { warning } : {}) }
    }),

  'clear-quarantine': (context, request) =>
    withStateChange(context, request, async (current) => {
      const state = requireSetUp(current)
      const change = { quarantined: false, hostKeys: request.hostKeys }
      const wanted = changeBuilder(desiredStateOf(state), request.id, change)
      return { generation: await apply(context, request.op, state, wanted) }
    }),

  refresh: (context, request) =>
    withStateChange(context, request, async (current) => {
      if (!current) return { generation: 0 }
      return { generation: await apply(context, request.op, current, desiredStateOf(current)) }
    }),

  uninstall: async (context) => uninstall(context),
}

/** Works on any ruin, so it reads no state. */
function uninstall(context: Context) {
  return withStateChange(
    context,
    { op: 'uninstall' },
    async (current) => takeBack(context, 'uninstall', current),
    {
      evenWhenBroken: true,
    },
  )
}

async function takeBack({ system, step, trail }: Context, op: string, current: State | undefined) {
  step('take-back')
  checkForeignFiles(system)
  trail.begin(op)
  await syncControlMasters(system, [])
  const warning = giveBackLines(system, current?.builders ?? [], [])
  tearDown(system)
  removeTree(stampsDirectory(system))
  if (current?.builders.some(isServing)) {
    step('restart-daemon')
    await restartDaemon(system)
  }
  return { generation: 0, ...(warning ? { warning } : {}) }
}

async function putBuilder(context: Context, { op, builder }: RequestOf<'put-builder'>, base: State) {
  const known = base.builders.find(({ id }) => id === builder.id)
  if (!known && base.builders.length >= maxBuilders) {
    throw new Refusal('INVALID', 'grammar', `There are ${maxBuilders} builders already.`)
  }
  // Two who add one machine at once have each looked before the other came here.
  const same = known ? undefined : otherEntryOf(base.builders, builder)
  if (same) {
    const line = `The host keys of ${builder.id} are those of ${same.id}.`
    const said = { line, facts: { builder: same.id, host: builder.host } }
    throw new Refusal('INVALID', 'machine-known', line, said)
  }
  context.trail.begin(op)
  context.step('key')
  const hadKey = hasKey(context.system, builder.id)
  const publicKey = await ensureKey(context.system, builder.id)
  const { jump: _, ...kept } = known ?? { enabled: false, quarantined: false }
  const registered = { ...kept, ...builder, buildKey: withoutComment(publicKey) }
  const builders = known
    ? base.builders.map((one) => (one === known ? registered : one))
    : [...base.builders, registered]
  const existingBuilders = readExistingBuilders(context.system)
  try {
    const generation = await apply(context, op, base, { ...desiredStateOf(base), existingBuilders, builders })
    return { generation, publicKey }
  } catch (error) {
    if (!hadKey) deleteKey(context.system, builder.id)
    throw error
  }
}

/**
 * An old generation's wishes, to be written as a new one: numbers only grow. What is in quarantine stays
 * there, a builder whose key is gone comes back turned off, with a new key; the key that signs over there is
 * trusted, its connection shared, and a new key tried, as it is now.
 */
async function wantedAgain(system: System, current: State, generation: number): Promise<DesiredState> {
  const old = readGeneration(system, generation)
  if (!old) throw new Refusal('INVALID', 'no-such-generation', `There is no whole generation ${generation}.`)
  const builders = []
  for (const builder of old.builders) {
    const { substituter: _, sharing: __, nextBuildKey: ___, ...rest } = builder
    const { id } = rest
    const now = current.builders.find((one) => one.id === id)
    const quarantined = now?.quarantined ?? builder.quarantined
    const enabled = builder.enabled && !quarantined && hasKey(system, id)
    const buildKey = withoutComment(await ensureKey(system, id))
    const substituter = now?.substituter ? { substituter: now.substituter } : {}
    const sharing = now?.sharing ? { sharing: now.sharing } : {}
    const next = now?.nextBuildKey ? { nextBuildKey: now.nextBuildKey } : {}
    builders.push({ ...rest, enabled, quarantined, ...substituter, ...sharing, ...next, buildKey })
  }
  return { remoteOnly: old.remoteOnly, existingBuilders: readExistingBuilders(system), builders }
}
