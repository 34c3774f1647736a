import { isDeepStrictEqual } from 'node:util'
import { rootVersions } from '../../contract/version'
import { renderSubstituters } from '../../core/nix/substituter'
import { isSharedConnection } from '../../core/ssh/ssh-config'
import type { Trail } from '../audit/trail'
import { Refusal } from '../protocol/refusal'
import { addIncludes, checkForeignFiles, foreignFiles, hasIncludes } from '../state/foreign-files'
import {
  activate,
  currentGeneration,
  generationPath,
  isAsRendered,
  listGenerations,
  pruneGenerations,
  readCurrent,
  recoverGenerations,
  requireReadableState,
  writeGeneration,
} from '../state/generations'
import { prepareOwnDirectory } from '../state/origin'
import {
  type DesiredState,
  desiredStateOf,
  dropUnprovenSharing,
  emptyState,
  type State,
} from '../state/state'
import { validateGeneration } from '../state/validate'
import { syncControlMasters } from '../system/control-masters'
import { buildsRunning, canRestartDaemon, restartDaemon } from '../system/daemon'
import { removeTree } from '../system/disk'
import { checkLocalNix, readExistingBuilders } from '../system/local-nix'
import { type Holder, withLock } from '../system/lock'
import type { System } from '../system/system'
import { finishPendingRestart, isRestartPending, markRestartPending, tearDown } from './set-up'

export interface Context extends Holder {
  readonly step: (name: string) => void
  readonly trail: Pick<Trail, 'begin' | 'makeRoom'>
}

export type RestartPolicy = 'when-idle' | 'always'

interface Request {
  readonly op: string
  readonly expectedGeneration?: number | undefined
}

/**
 * Runs a change alone: takes the lock, mends what a dead helper left, compares generations. The action gets
 * what is in force, or undefined when nothing is set up (`evenWhenBroken`: or nothing is whole).
 */
export async function withStateChange<T>(
  context: Context,
  request: Request,
  action: (current: State | undefined) => Promise<T>,
  { evenWhenBroken = false } = {},
): Promise<T> {
  const { system, step } = context
  step('lock')
  return await withLock(context, async () => {
    step('recover')
    if (!evenWhenBroken) requireReadableState(system)
    const current = evenWhenBroken ? recoverIfReadable(system) : recoverGenerations(system)
    if (!current && !evenWhenBroken && currentGeneration(system) !== undefined) {
      const detail = 'No generation is whole any more. Uninstalling takes back what is left.'
      throw new Refusal('NEEDS_ATTENTION', 'validation-failed', detail)
    }
    const { expectedGeneration } = request
    if (expectedGeneration !== undefined && expectedGeneration !== (current?.generation ?? 0)) {
      const detail = `Generation ${current?.generation ?? 0} is in force, not ${expectedGeneration}.`
      throw new Refusal('CONFLICT', undefined, detail)
    }
    return await action(current)
  })
}

/** Taking everything back needs no more of the state than what it can get. */
function recoverIfReadable(system: System): State | undefined {
  try {
    return recoverGenerations(system)
  } catch {
    // What cannot be read is deleted all the same.
    return undefined
  }
}

/** The state that a change needs. Fails with NEEDS_ATTENTION, not-set-up. */
export function requireSetUp(current: State | undefined): State {
  if (current) return current
  throw new Refusal('NEEDS_ATTENTION', 'not-set-up', 'Nothing is set up on this computer yet.')
}

/**
 * Brings a wanted state into force on a system that is set up. Returns the generation that holds it. What only
 * a restarted daemon reads waits for one: until nothing builds, unless `restart` says otherwise.
 */
export async function apply(
  context: Context,
  operation: string,
  current: State,
  wish: DesiredState,
  restart: RestartPolicy = 'when-idle',
): Promise<number> {
  const { system, step } = context
  const wanted = dropUnprovenSharing(current, wish)
  const isSame = isDeepStrictEqual(desiredStateOf(current), wanted) && isAsRendered(system, current)
  if (!isSame) context.trail.begin(operation)
  const next = isSame ? current : await prepare(context, operation, current, wanted)
  if (readsOtherwise(current, next)) markRestartPending(system)
  if (!isSame) {
    step('activate')
    activate(system, next.generation)
  }
  const held = next.builders.filter(isSharedConnection)
  await syncControlMasters(
    system,
    held.map(({ id }) => id),
  )
  await catchUp(context, current, restart)
  pruneGenerations(system)
  return next.generation
}

/** Whether the running daemon would go on with substituters that are no longer, or not yet, those wanted. */
function readsOtherwise(current: State, next: State): boolean {
  return !isDeepStrictEqual(renderSubstituters(current.builders), renderSubstituters(next.builders))
}

/** Fails with ROLLED_BACK, the state before in force again, when the daemon does not return. */
async function catchUp({ system, step }: Context, before: State, restart: RestartPolicy): Promise<void> {
  if (!isRestartPending(system) || (restart === 'when-idle' && (await buildsRunning(system)))) return
  step('restart-daemon')
  if (await restartDaemon(system)) return finishPendingRestart(system)
  step('roll-back')
  activate(system, before.generation)
  await restartDaemon(system)
  finishPendingRestart(system)
  const detail = 'The Nix daemon did not answer after its restart; everything is as it was before.'
  throw new Refusal('ROLLED_BACK', 'daemon-did-not-return', detail)
}

/** Fails with NEEDS_ATTENTION, builds-running, before anything is changed. */
export async function requireIdle({ system }: Context, restart: RestartPolicy): Promise<void> {
  if (restart === 'always' || !(await buildsRunning(system))) return
  const detail = 'Nix builds something now, and its daemon has to be restarted.'
  throw new Refusal('NEEDS_ATTENTION', 'builds-running', detail)
}

/** Writes and validates a generation. When it fails, nothing is left of it. */
async function prepare(
  { system, step }: Context,
  operation: string,
  before: State | undefined,
  wanted: DesiredState,
): Promise<State> {
  const generation = (listGenerations(system).at(-1) ?? 0) + 1
  const at = new Date().toISOString()
  const next: State = { version: rootVersions.state, generation, at, operation, ...wanted }
  try {
    step('write')
    writeGeneration(system, next)
    step('validate')
    await validateGeneration(system, before, next)
  } catch (error) {
    removeTree(generationPath(system, generation))
    throw error
  }
  return next
}

/**
 * Sets up where nothing is; puts back a line of ours that somebody took out; catches up on a restart that a
 * dead helper owed. When the daemon does not return from its first restart, everything is taken back.
 */
export async function setUp(
  context: Context,
  operation: string,
  restart: RestartPolicy,
  current: State | undefined,
): Promise<State> {
  const { system, step } = context
  step('check')
  checkForeignFiles(system)
  await checkLocalNix(system)
  if (current && !isRestartPending(system) && hasIncludes(system)) return current
  if (!canRestartDaemon(system)) {
    const detail = 'Neither systemd nor launchd nor a script in /etc/init.d runs the Nix daemon here.'
    throw new Refusal('UNSUPPORTED', 'daemon-unmanaged', detail)
  }
  await requireIdle(context, restart)
  context.trail.begin(operation)
  if (current) {
    markRestartPending(system)
    addIncludes(system)
  } else await establish(context, operation)
  step('restart-daemon')
  if (await restartDaemon(system)) {
    finishPendingRestart(system)
    return requireSetUp(readCurrent(system))
  }
  if (current) {
    const detail = 'The Nix daemon did not answer after its restart.'
    throw new Refusal('NEEDS_ATTENTION', 'daemon-did-not-return', detail)
  }
  step('roll-back')
  tearDown(system)
  await restartDaemon(system)
  const detail = 'The Nix daemon did not answer after its restart; everything is as it was before.'
  throw new Refusal('ROLLED_BACK', 'daemon-did-not-return', detail)
}

async function establish(context: Context, operation: string): Promise<void> {
  const { system, step } = context
  tearDown(system)
  try {
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    markRestartPending(system)
    const wanted = { ...emptyState, existingBuilders: readExistingBuilders(system) }
    const next = await prepare(context, operation, undefined, wanted)
    step('include')
    addIncludes(system)
    step('activate')
    activate(system, next.generation)
  } catch (error) {
    tearDown(system)
    throw error
  }
}
