import { removalCommands } from '../../core/provision/removal'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { setModeForMe } from './set-mode'
import { forgetOwnKeys } from './steps/own-keys'
import { hasSigningKey } from './steps/signing'
import { leaveProvisioned, unprovisionBuilder, unprovisionWithoutRecord } from './steps/unprovision-builder'
import { setUserSubstituter } from './steps/user-substituters'

/**
 * Takes a builder out on both sides: switched off at once, then what was made over there, then root's files
 * and key, then our own note. `localOnly` leaves the other machine alone and says what to run there. Where our note of
 * it is lost, root's files and that machine itself say what there is to take back.
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
  await ports.records.deleteSwitchNote(id) // From here on nothing reinstates it by itself.
  if ((await ports.records.substituters()).includes(id)) {
    await job.undo({
      ifLeft: `${id} is no substituter of yours any more: run millwright substituter ${id} on.`,
      run: () => setUserSubstituter(ports, id, true),
    })
    // Before the daemon restarts for it: where the person is root, that reads root's own list too.
    await setUserSubstituter(ports, id, false)
  }
  // Back on only while the other side still works: builds on a half-removed builder would fail.
  let isBuilderWhole = true
  if (registered?.enabled) {
    await job.undo({
      ifLeft: `${id} is switched off: run millwright resume ${id}.`,
      run: async () => {
        if (isBuilderWhole) await ports.helper.call({ op: 'set-enabled', id, enabled: true })
      },
    })
    await ports.helper.call({ op: 'set-enabled', id, enabled: false }, root)
  }

  const begin = () => {
    isBuilderWhole = false
  }
  if (record && localOnly) {
    for (const sentence of removalCommands(record.provision, hasSigningKey(record))) job.leave(sentence)
  } else if (record) yield* unprovisionBuilder(ports, job, record, begin)
  else if (registered && localOnly) await leaveProvisioned(ports, job, registered)
  else if (registered) yield* unprovisionWithoutRecord(ports, job, registered, begin)
  else job.leave(`What was made on the machine of ${id}: which one that is nobody knows here any more.`)

  yield 'unregister'
  if (registered) await ports.helper.call({ op: 'remove-builder', id }, root)
  await ports.records.deleteBuilder(id)
  if (await isLastOne(ports)) await forgetOwnKeys(ports)
  await endRemoteOnly(ports, job)
}

/** One whose record cannot be read is let in by the same keys. */
async function isLastOne({ records }: Pick<Ports, 'records'>): Promise<boolean> {
  const [known, unreadable] = await Promise.all([records.builders(), records.unreadable()])
  return known.length === 0 && unreadable.length === 0
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
