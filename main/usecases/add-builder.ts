import type { HelperStatus } from '../../contract/helper'
import type { RemoteFacts } from '../../contract/remote'
import { isOneOf } from '../../core/failures/failure'
import type { Provisioning } from '../../core/provision/plan'
import { planProvision } from '../../core/provision/plan'
import { remoteFiles } from '../../core/provision/remote-files'
import { alsoOfferedWords } from '../../core/status/builder-words'
import { FailureError, fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { agreeOnPlan } from './planning/agree-on-plan'
import { type AddRequest, factsNote, newRecord, specOf } from './steps/add-request'
import { grantJumpHostAccess, requireWayThrough, revokeJumpHostAccess } from './steps/jump-host-access'
import { keyLinesOf } from './steps/key-lines'
import { findOffers, requireNixReadsOurs, requireUsed } from './steps/nix-use'
import { forgetKeysTo, type OwnKeys, ownKeys } from './steps/own-keys'
import { register } from './steps/register'
import { inspect, provision, unprovision } from './steps/remote-session'
import { requireNameable } from './steps/require-nameable'
import { isUnfinished, requireNewMachine } from './steps/require-new-machine'
import { prove } from './test-builder'

/**
 * Turns a machine that a person can log in to into a builder that this computer's Nix daemon uses. Nothing
 * changes anywhere before the plan is approved; the builder takes no build but the proof's before that has
 * passed; whatever fails is taken back, last first.
 */
export async function* addBuilder(ports: Ports, job: Job, draft: AddRequest): Flow<'add'> {
  yield 'connect'
  const nix = await usableNix(ports)
  const { initialised } = await requireFreeId(ports, draft)
  const speedScore = ports.local.speedScore()
  // Measured while we log in; its failure counts where its answer does.
  speedScore.catch(() => undefined)
  const { identityFile } = draft.options
  const login = { ...draft.address, ...(identityFile ? { identityFile } : {}) }
  const host = await ports.ssh.open(login, job.ask, job.signal)
  job.always(() => host.close())
  job.note(host.authenticatedBy)
  requireNameable(host)

  yield 'inspect'
  const facts = await inspect(ports, job, host, draft.options.wrapper)
  job.note(factsNote(facts))
  await requireWayThrough(ports, job, host)
  await requireNewMachine(ports, await ports.helper.status(), draft.id, host, facts)

  yield 'plan'
  const installId = await ports.records.installId()
  const keys = await ownKeys(ports, job)
  const local = { nixVersion: nix.version, system: nix.system, speedScore: await speedScore }
  const plan = (found: RemoteFacts) =>
    planProvision({
      facts: found,
      local,
      options: draft.options,
      scripts: ports.scripts,
      installId,
      id: draft.id,
      ...(keys ? { monitorKey: keys.publicKeys.monitor, collectKey: keys.publicKeys.collect } : {}),
    })
  const known = { initialised, areKeysNew: keys?.areNew ?? false, ...nix }
  const planning = { id: draft.id, host, local: known, plan }
  const { provisioning: approved, far } = await agreeOnPlan(ports, job, facts, planning)

  yield 'register'
  // Somebody may have added it while the plan was read.
  await requireNewMachine(ports, await ports.helper.status(), draft.id, host, facts)
  const provisioning = keys ? await keepKeys(job, keys, approved) : approved
  await forgetKeysTo(ports, draft.id)
  const record = newRecord(ports, draft, host, far.facts, provisioning)
  let isBuilderClean = true
  const spec = specOf(draft, host, provisioning)
  const buildKey = await register(ports, job, spec, record, () => isBuilderClean)
  await requireNixReadsOurs(ports, draft.id)

  yield 'provision'
  let hasNothingBegun = false
  const owner = { id: draft.id, install: installId }
  const lines = await keyLinesOf(ports, { id: draft.id, buildKey }, host)
  await job.undo({
    ifLeft: `What Millwright had begun to make on ${host.host}. Run: millwright remove ${draft.id}`,
    run: async (signal) => {
      if (hasNothingBegun) return
      isBuilderClean = false
      await unprovision(ports, job, far, provisioning.parameters, lines, signal)
      await revokeJumpHostAccess(ports, host, owner, signal)
      isBuilderClean = true
    },
  })
  await provision(ports, job, far, provisioning.parameters, lines).catch((error: unknown) => {
    hasNothingBegun = error instanceof FailureError && isOneOf(error.failure, beforeAnything)
    throw error
  })
  await grantJumpHostAccess(ports, host, owner, buildKey, job.signal)
  const made = remoteFiles(provisioning.parameters, facts, buildKey)
  await ports.records.update(draft.id, (kept) => ({ ...kept, remoteFiles: made }))

  yield 'prove'
  const proof = await proveAfterRestart(ports, job, spec).catch((error: unknown) => {
    throw withConfOf(far.facts, error)
  })
  job.note(`built on ${proof.builtOn}`)

  yield 'enable'
  await ports.helper.call({ op: 'set-enabled', id: draft.id, enabled: true }, { ask: job.ask })
  const isOn = { ...spec, enabled: true }
  const offers = await findOffers(ports, isOn, await requireUsed(ports, isOn))
  if (offers.length > 0) job.note(alsoOfferedWords(draft.id, offers))
  await ports.records.update(draft.id, (kept) => ({ ...kept, proof }))
}

/** Known ones are kept already, and stay. Returns the plan with those that count. */
async function keepKeys(job: Job, keys: OwnKeys, approved: Provisioning): Promise<Provisioning> {
  if (!keys.areNew) return approved
  await job.undo({
    ifLeft: 'Two keys of Millwright’s own in your keychain, which no builder lets in; adding one uses them.',
    run: () => keys.forget(),
  })
  const { monitor, collect } = await keys.keep()
  const parameters = { ...approved.parameters, monitor_key: monitor, collect_key: collect }
  return { ...approved, parameters }
}

/** How it ends before a script is sent there: whoever may not become root has changed nothing. */
const beforeAnything = [
  'REMOTE_COMMAND_NOT_RUN',
  'ROOT_NOT_REACHED',
  'ROOT_PASSWORD_OF_ANOTHER',
  'SUDO_NOT_ALLOWED',
  'SUDO_PASSWORD_WRONG',
] as const

/** What is heard of a daemon that ends or begins. */
const onItsWay = [
  'CONNECTION_LOST',
  'PING_FAILED',
  'REMOTE_DAEMON_DOWN',
  'UNEXPLAINED',
  'UNREACHABLE',
] as const

/** Whoever is to be trusted is named in that file by now, so that to name them there once more would be no help. */
function withConfOf({ nix }: RemoteFacts, error: unknown): unknown {
  if (!(error instanceof FailureError) || !nix) return error
  const { failure } = error
  if (failure.code !== 'REMOTE_USER_NOT_TRUSTED') return error
  return new FailureError({ ...failure, facts: { ...failure.facts, conf: nix.confFile } })
}

/** The daemon over there was restarted a moment ago: a first handshake may meet it on its way down. */
async function proveAfterRestart(ports: Ports, job: Job, builder: Parameters<typeof prove>[2]) {
  return await prove(ports, job, builder).catch((error: unknown) => {
    const isOnItsWay = error instanceof FailureError && isOneOf(error.failure, onItsWay)
    if (job.signal.aborted || !isOnItsWay) throw error
    return prove(ports, job, builder)
  })
}

/** Builders are the business of whoever the store belongs to, and a rebuild's where the configuration is declared. */
async function usableNix({ local }: Ports) {
  const nix = await local.nix()
  if (nix.isMine) return nix
  if (nix.kind === 'single-user')
    fail('LOCAL_SINGLE_USER', nix.owner === undefined ? {} : { owner: nix.owner })
  return nix
}

/**
 * A name is free when root's files do not know it, or know it only from an attempt that never got its proof. At the
 * address of its builder the look has to say whether this is that machine. Returns what those files are.
 */
async function requireFreeId(ports: Ports, { id, address }: AddRequest): Promise<HelperStatus> {
  const status = await ports.helper.status()
  const known = status.builders.find((builder) => builder.id === id)
  if (!known || (await isUnfinished(ports, known))) return status
  const record = await ports.records.builder(id)
  const isItsAddress = [known.host, record?.login.host].includes(address.host)
  return isItsAddress ? status : fail('ID_TAKEN', { builder: id, host: known.host })
}
