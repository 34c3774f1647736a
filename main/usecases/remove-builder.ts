import { removalCommands } from '../../core/provision/removal'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import type { BuilderRecord } from '../ports/records'
import { setModeForMe } from './set-mode'
import { revokeJumpHostAccess } from './steps/jump-host-access'
import { forgetOwnKeys } from './steps/own-keys'
import { sudoPasswordFor, unprovision } from './steps/remote-session'
import { hasSigningKey } from './steps/signing'
import { setUserSubstituter } from './steps/user-substituters'

/**
 * Takes a builder out on both sides: switched off at once, then what was made over there, then root's files
 * and key, then our own note. `localOnly` leaves the other machine alone and says what to run there.
 */
export async function* removeBuilder(
  ports: Ports,
  job: Job,
  id: string,
  { localOnly }: { readonly localOnly: boolean },
): Flow {
  yield 'disable'
  const root = { signal: job.signal, ask: job.ask }
  const registered = (await ports.helper.status()).builders.find((builder) => builder.id === id)
  const record = (await ports.records.builders()).find((known) => known.id === id)
  if (!registered && !record) fail('NO_SUCH_BUILDER', { builder: id })
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
  let isFarSideWhole = true
  if (registered?.enabled) {
    await job.undo({
      ifLeft: `${id} is switched off: run millwright resume ${id}.`,
      run: async () => {
        if (isFarSideWhole) await ports.helper.call({ op: 'set-enabled', id, enabled: true })
      },
    })
    await ports.helper.call({ op: 'set-enabled', id, enabled: false }, root)
  }

  if (record && !localOnly) {
    const begin = () => {
      isFarSideWhole = false
    }
    yield* cleanFarSide(ports, job, record, begin)
  }
  if (record && localOnly) {
    for (const sentence of removalCommands(record.provision, hasSigningKey(record))) job.leave(sentence)
  }

  yield 'unregister'
  if (registered) await ports.helper.call({ op: 'remove-builder', id }, root)
  await ports.records.deleteBuilder(id)
  if ((await ports.records.builders()).length === 0) await forgetOwnKeys(ports)
  await endRemoteOnly(ports, job)
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

async function* cleanFarSide(ports: Ports, job: Job, record: BuilderRecord, begin: () => void): Flow {
  yield 'connect'
  const host = await ports.ssh.open(record.login, job.ask, job.signal)
  job.always(() => host.close())

  yield 'unprovision'
  const sudoPassword = await sudoPasswordFor(job, record, host.host)
  const far = { host, facts: record.facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  begin()
  await unprovision(ports, far, record.provision, job.signal)
  await revokeJumpHostAccess(ports, host, record.id, job.signal)
}
