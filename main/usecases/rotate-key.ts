import type { RegisteredBuilder } from '../../contract/builder'
import { withFlowFacts } from '../../core/failures/failure'
import { planRekey, withKeys } from '../../core/keys/rekey'
import type { KeyLines, LetInKeys } from '../../core/scripts/script'
import { parsePublicKeyLine } from '../../core/ssh/public-key'
import { FailureError, fail, toFailure } from '../failures'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import type { BuilderRecord } from '../ports/records'
import { requireBuilder } from './set-enabled'
import { approve } from './steps/approve'
import { grantJumpHostAccess } from './steps/jump-host-access'
import { keyLinesOf } from './steps/key-lines'
import { keepOwnKeys, type NewOwnKeys, newOwnKeys, tryOwnKeys } from './steps/new-own-keys'
import { openBuilder } from './steps/open-builder'
import { letIn, type RemoteSession } from './steps/remote-session'

/**
 * Renews the keys to a builder: root's, by which builds come in, and the app's own. The new ones are let in beside the
 * old, each does there what it is for, and only then are the old ones taken out. What fails before the new key has built
 * is taken back, and the old key was in force all the time; after that there is no way back, only on.
 */
export async function* rotateKey(ports: Ports, job: Job, id: string): Flow<'rotate-key'> {
  yield 'connect'
  const builder = await requireBuilder(ports, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  const record = await renewableRecord(ports, id)
  const host = await openBuilder(ports, job, id, record.login)
  job.always(() => host.close())

  yield 'plan'
  const own = await newOwnKeys(ports, builder, record)
  const { facts, provision: parameters } = record
  const { scripts } = ports
  const plan = planRekey({ id, parameters, facts, scripts, watches: own !== undefined, jump: host.jump })
  job.show({ plan })
  const sudoPassword = await approve(job, host, facts, { plan, parameters, renews: id })
  const far = { host, facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }

  yield 'make-key'
  const progress: Progress = { isTouched: false, isOnlyNew: false }
  const change = await makeKey(ports, job, { builder, record, far, own }, progress)

  yield 'let-in'
  progress.isTouched = true
  await writeLines(ports, change, 'beside', change.now, job.signal)

  yield 'prove'
  if (own) {
    await tryOwnKeys(ports, builder, own, job.signal)
    await keepOwnKeys(ports, job, id, own, () => progress.isOnlyNew)
  }
  const proof = await proveByNewKey(ports, job, builder)
  job.show({ proof })
  job.note(`built on ${proof.builtOn} by the new key alone`)

  yield 'drop-key'
  progress.isOnlyNew = true
  await writeLines(ports, change, 'only', change.now, job.signal)
  await ports.records.update(id, ({ failure: _, ...kept }) => ({
    ...kept,
    proof,
    provision: { ...kept.provision, monitor_key: change.now.monitor, collect_key: change.now.collect },
    remoteFiles: withKeys(kept.remoteFiles, change.now),
  }))
}

/** Without a note of who set it up, nobody knows whose lines there are to be changed. */
async function renewableRecord({ records }: Pick<Ports, 'records'>, id: string): Promise<BuilderRecord> {
  const record = await records.builder(id)
  return record && !record.leftBehind && record.provision.install && record.login.user
    ? record
    : fail('KEYS_NOT_FROM_HERE', { builder: id })
}

interface Progress {
  /** The lines over there are changed, or about to be. */
  isTouched: boolean
  /** The old keys are taken out over there, or about to be. */
  isOnlyNew: boolean
}

interface Given {
  readonly builder: RegisteredBuilder
  readonly record: BuilderRecord
  readonly far: RemoteSession
  readonly own: NewOwnKeys | undefined
}

/** Which keys take the place of which, and how that is written over there. */
interface Change extends Given {
  readonly lines: KeyLines
  readonly before: LetInKeys
  readonly now: LetInKeys
}

/** Has root make the new key; taking that back also takes its lines out, unless root uses it by then. */
async function makeKey(ports: Ports, job: Job, given: Given, progress: Progress): Promise<Change> {
  const { builder, record, far, own } = given
  const { id } = builder
  let change: Change | undefined
  await job.undo({
    ifLeft: `A new key to ${id} that is made but not the only one yet; builds go there as before. Run: millwright rotate-key ${id}`,
    run: async (signal) => {
      const known = await requireBuilder(ports, id)
      if (!progress.isTouched && known.nextBuildKey === undefined) return
      const { publicKey } = await ports.helper.call({ op: 'drop-new-key', id }, { signal })
      if (!change || !progress.isTouched) return
      // Once it has built it is the one in force, and the old one's private half is gone.
      if (textOf(publicKey, id) !== change.before.build) noWayBack()
      await writeLines(ports, change, 'only', change.before, signal)
    },
  })
  const made = await ports.helper.call({ op: 'make-new-key', id }, { signal: job.signal, ask: job.ask })
  const lines = await keyLinesOf(ports, { id, remoteFiles: record.remoteFiles }, far.host)
  const { monitor_key: monitor = '', collect_key: collect = '' } = record.provision
  const before = { build: lines.buildKey, monitor, collect }
  const now = {
    build: textOf(made.publicKey, id),
    monitor: own?.monitor.publicKey ?? monitor,
    collect: own?.collect?.publicKey ?? collect,
  }
  change = { ...given, lines, before, now }
  return change
}

/** `TYPE BASE64`: its comment is root's business. */
function textOf(publicKey: string | undefined, builder: string): string {
  const key = publicKey === undefined ? undefined : parsePublicKeyLine(publicKey)
  return key ? `${key.type} ${key.key}` : fail('HELPER_FAILED', { builder })
}

/** On the builder, and where it lies behind another machine, there too. */
async function writeLines(
  ports: Ports,
  { builder: { id }, record, far, lines }: Change,
  act: 'beside' | 'only',
  keys: LetInKeys,
  signal: AbortSignal,
): Promise<void> {
  await letIn(ports, far, record.provision, lines, { act, keys }, signal)
  const owner = { id, install: record.provision.install ?? '' }
  await grantJumpHostAccess(ports, far.host, owner, keys.build, signal, { beside: act === 'beside' })
}

/** Root logs in and builds by the new key alone, and uses it from then on. */
async function proveByNewKey({ helper }: Ports, job: Job, { id, user }: RegisteredBuilder) {
  const call = helper.call({ op: 'use-new-key', id }, { signal: job.signal, ask: job.ask })
  const { proof } = await call.catch((error: unknown) => {
    throw new FailureError(withFlowFacts(toFailure(error), { user }))
  })
  return proof ?? fail('HELPER_FAILED', { builder: id })
}
