import { isOneOf } from '../../core/failures/failure'
import { FailureError, fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import type { BuilderRecord } from '../ports/records'
import { setModeForMe } from './set-mode'
import { commandsFor, lostBuilder, rebuiltRecord } from './steps/left-behind'
import { forgetKeysTo, forgetOwnKeys } from './steps/own-keys'
import { unprovisionBuilder, unprovisionLost } from './steps/unprovision-builder'
import { setUserSubstituter, syncUserSubstituters } from './steps/user-substituters'

/**
 * Takes a builder out on both sides: switched off at once, then what was made over there, then root's files
 * and key, then our own note. `localOnly` leaves the other machine alone and says what to run there. Where our note of
 * it is lost, root's files and that machine itself say what there is to take back. While something is left behind over
 * there a note stays, by which the next removal tries again; one that is `localOnly` forgets it.
 */
export async function* removeBuilder(
  ports: Ports,
  job: Job,
  id: string,
  { localOnly }: { readonly localOnly: boolean },
): Flow<'remove'> {
  yield 'disable'
  const root = { signal: job.signal, ask: job.ask }
  const registered = (await ports.helper.status()).builders.find((builder) => builder.id === id)
  const record = await ports.records.builder(id)
  const unreadable = (await ports.records.unreadable()).find((one) => one.id === id)
  if (!registered && !record && !unreadable) fail('NO_SUCH_BUILDER', { builder: id })
  // Only that Millwright knows all that it made over there.
  if (unreadable?.trouble === 'newer') fail('DATA_NEWER', { builder: id })
  // Back to as it was only while the other side still works: builds on a half-removed builder would fail.
  const progress: Progress = { isBuilderTouched: false, hasBegun: false }
  await dropSwitchNote(ports, job, id, progress)
  await dropWish(ports, job, id, progress)
  if (registered?.enabled) {
    let isStillOn = false
    let isOff = false
    await job.undo({
      get ifLeft() {
        return `${id} ${isOff ? 'is' : 'may be'} switched off: run millwright resume ${id}.`
      },
      run: async () => {
        if (progress.hasBegun || isStillOn) return
        if ((await findRegistered(ports, id))?.enabled === false)
          await ports.helper.call({ op: 'set-enabled', id, enabled: true })
      },
    })
    await ports.helper.call({ op: 'set-enabled', id, enabled: false }, root).catch((error: unknown) => {
      isStillOn = error instanceof FailureError && isOneOf(error.failure, neverBegun)
      throw error
    })
    isOff = true
  }

  const begin = async () => {
    await sayIfInPart(ports, job, id, progress, '')
    progress.isBuilderTouched = true
  }
  const adoptedFrom = registered?.adoptedFrom
  const lost = adoptedFrom === undefined ? await lostBuilder(ports, registered, record) : undefined
  let left: readonly string[] = []
  if (adoptedFrom !== undefined) job.note(`its line goes back to ${adoptedFrom}`)
  else if (localOnly) left = commandsFor(record, lost)
  else if (lost)
    left = yield* unprovisionLost(ports, job, lost, async (found) => {
      await keepNote(ports, job, rebuiltRecord(lost, found), record, () => progress.isBuilderTouched)
      await begin()
    })
  else if (record) yield* unprovisionBuilder(ports, job, record, begin)
  if (!progress.isBuilderTouched) await sayIfInPart(ports, job, id, progress, ' --local-only')

  yield 'unregister'
  const isKept = left.length > 0 && !(localOnly && record?.leftBehind)
  // Root's files are all that is known of it: before they go.
  if (isKept && lost && !record)
    await keepNote(ports, job, { ...rebuiltRecord(lost), leftBehind: left }, record)
  if (registered) await ports.helper.call({ op: 'remove-builder', id }, root)
  if (isKept) await ports.records.update(id, (kept) => ({ ...kept, leftBehind: left }))
  for (const sentence of left) job.leave(sentence, localOnly ? undefined : 'untilSettled')
  if (!registered && !record)
    job.leave(`What was made on the machine of ${id}: which one that is nobody knows here any more.`)
  await endRemoteOnly(ports, job)
  if (isKept) return
  // No builder lets in what stays; one that is added by this name forgets it.
  await forgetKeysTo(ports, id).catch(() => undefined)
  if (await isLastOne(ports, id)) await forgetOwnKeys(ports)
  // Last: until here the record is what lets a removal that was cut short be run again.
  await ports.records.deleteBuilder(id)
}

/** How a call to root’s helper ends that never reached it. */
const neverBegun = [
  'AUTHORISATION_DISMISSED',
  'HELPER_INSECURE',
  'HELPER_MISSING',
  'NO_WAY_TO_ROOT',
  'NOT_AUTHORISED',
  'ROOT_WAY_BROKEN',
] as const

/** Notes what a removal that is cut short, or that leaves something, can be gone on with. */
async function keepNote(
  { records }: Ports,
  job: Job,
  note: BuilderRecord,
  before: BuilderRecord | undefined,
  isNeeded = () => false,
): Promise<void> {
  await job.undo({
    ifLeft: `A note of ${note.id} in your own data: run millwright remove ${note.id} --local-only.`,
    run: async () => {
      if (isNeeded()) return
      await (before ? records.putBuilder(before) : records.deleteBuilder(note.id))
    },
  })
  await records.putBuilder(note)
}

interface Progress {
  /** Something is changed over there, or about to be. */
  isBuilderTouched: boolean
  /** Something has gone that does not come back. */
  hasBegun: boolean
}

/** From here on there is no way back, only on: what fails now is said, with how to go on. */
async function sayIfInPart(
  ports: Ports,
  job: Job,
  id: string,
  progress: Progress,
  option: '' | ' --local-only',
): Promise<void> {
  await job.undo({
    ifLeft: `${id} is removed only in part: run millwright remove ${id}${option}.`,
    run: async () => {
      if (!progress.isBuilderTouched && (await findRegistered(ports, id))) return
      progress.hasBegun = true
      noWayBack()
    },
  })
}

async function findRegistered({ helper }: Ports, id: string) {
  return (await helper.status()).builders.find((builder) => builder.id === id)
}

/** From here on nothing reinstates it by itself. */
async function dropSwitchNote({ records }: Ports, job: Job, id: string, progress: Progress): Promise<void> {
  const note = await records.switchNote(id)
  if (!note) return
  await job.undo({
    ifLeft: `Why ${id} is on or off is forgotten: run millwright resume ${id}, or pause it again.`,
    run: async () => (progress.hasBegun ? undefined : records.putSwitchNote(note)),
  })
  await records.deleteSwitchNote(id)
}

/** Before the daemon restarts for it: where the person is root, that reads root's own list too. */
async function dropWish(ports: Ports, job: Job, id: string, progress: Progress): Promise<void> {
  if (!(await ports.records.substituters()).includes(id)) return await syncUserSubstituters(ports, id)
  await job.undo({
    ifLeft: `${id} is no substituter of yours any more: run millwright substituter ${id} on.`,
    run: async () => (progress.hasBegun ? undefined : setUserSubstituter(ports, id, true)),
  })
  await setUserSubstituter(ports, id, false)
}

/** One whose record cannot be read, or is lost, is let in by the same keys. */
async function isLastOne({ records, helper }: Ports, id: string): Promise<boolean> {
  const [known, unreadable, { builders }] = await Promise.all([
    records.builders(),
    records.unreadable(),
    helper.status(),
  ])
  return [...known, ...unreadable, ...builders].every((one) => one.id === id)
}

/** With no builder left, building only remotely would mean building nothing. */
async function endRemoteOnly(ports: Ports, job: Job): Promise<void> {
  const { builders } = await ports.helper.status()
  if (builders.length > 0 || !(await ports.userConf.read()).remoteOnly) return
  await setModeForMe(ports, 'remote-only', false).then(
    () => job.note('builds run here again: no builder is left'),
    () => job.leave('Building only remotely, with no builder left: run millwright remote-only off.'),
  )
}
