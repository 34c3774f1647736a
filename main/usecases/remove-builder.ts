import { removalCommands } from '../../core/provision/removal'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import type { BuilderRecord } from '../ports/records'
import { setModeForMe } from './set-mode'
import { revokeJumpHostAccess } from './steps/jump-host-access'
import { forgetOwnKeys } from './steps/own-keys'
import { sudoPasswordFor, unprovision } from './steps/remote-session'
import { hasSigningKey } from './steps/signing'
import { setUserSubstituter, syncUserSubstituters } from './steps/user-substituters'

/**
 * Takes a builder out on both sides: switched off at once, then what was made over there, then root's files
 * and key, then our own note. `localOnly` leaves the other machine alone and says what to run there.
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
  const record = (await ports.records.builders()).find((known) => known.id === id)
  if (!registered && !record) fail('NO_SUCH_BUILDER', { builder: id })
  // Back to as it was only while the other side still works: builds on a half-removed builder would fail.
  const progress: Progress = { hasBegun: false }
  await dropSwitchNote(ports, job, id, progress)
  await dropWish(ports, job, id, progress)
  if (registered?.enabled) {
    await job.undo({
      ifLeft: `${id} is switched off: run millwright resume ${id}.`,
      run: async () => {
        if (!progress.hasBegun && (await findRegistered(ports, id))?.enabled === false)
          await ports.helper.call({ op: 'set-enabled', id, enabled: true })
      },
    })
    await ports.helper.call({ op: 'set-enabled', id, enabled: false }, root)
  }

  if (record && !localOnly) yield* cleanFarSide(ports, job, record, () => begin(ports, job, id, progress, ''))
  else await begin(ports, job, id, progress, ' --local-only')

  yield 'unregister'
  if (registered) await ports.helper.call({ op: 'remove-builder', id }, root)
  if (record && localOnly) {
    for (const sentence of removalCommands(record.provision, hasSigningKey(record))) job.leave(sentence)
  }
  await endRemoteOnly(ports, job)
  if ((await ports.records.builders()).every((known) => known.id === id)) await forgetOwnKeys(ports)
  // Last: until here the note is what lets a removal that was cut short be run again.
  await ports.records.deleteBuilder(id)
}

/** Whether something has gone that does not come back. */
interface Progress {
  hasBegun: boolean
}

/** From here on there is no way back, only on: what fails now is said, with how to go on. */
async function begin(ports: Ports, job: Job, id: string, progress: Progress, option: string): Promise<void> {
  const isFarSideTouched = option === ''
  await job.undo({
    ifLeft: `${id} is removed only in part: run millwright remove ${id}${option}.`,
    run: async () => {
      if (!isFarSideTouched && (await findRegistered(ports, id))) return
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

/** With no builder left, building only remotely would mean building nothing. */
async function endRemoteOnly(ports: Ports, job: Job): Promise<void> {
  const { builders } = await ports.helper.status()
  if (builders.length > 0 || !(await ports.userConf.read()).remoteOnly) return
  await setModeForMe(ports, 'remote-only', false).then(
    () => job.note('builds run here again: no builder is left'),
    () => job.leave('Building only remotely, with no builder left: run millwright remote-only off.'),
  )
}

async function* cleanFarSide(
  ports: Ports,
  job: Job,
  record: BuilderRecord,
  begin: () => Promise<void>,
): Flow<'remove'> {
  yield 'connect'
  const host = await ports.ssh.open(record.login, job.ask, job.signal)
  job.always(() => host.close())

  yield 'unprovision'
  const sudoPassword = await sudoPasswordFor(job, record, host.host)
  const far = { host, facts: record.facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  await begin()
  await unprovision(ports, far, record.provision, job.signal)
  await revokeJumpHostAccess(ports, host, record.id, job.signal)
}
