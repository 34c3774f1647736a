import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { withRestartConsent } from './steps/restart-consent'
import { deleteSigningKey, openRemoteSession, signableRecord, withoutSigning } from './steps/signing'
import { setUserSubstituter } from './steps/user-substituters'

/** Takes the role back for everyone and on both sides: nobody here trusts the key, then it is deleted there. */
export async function* withdrawSubstituter(ports: Ports, job: Job, id: string): Flow<'withdraw-substituter'> {
  yield 'distrust'
  const { substituter, host } = await requireBuilder(ports, id)
  const isOffered = async () => (await requireBuilder(ports, id)).substituter !== undefined
  if ((await ports.records.substituters()).includes(id)) {
    await job.undo({
      ifLeft: `${id} is no substituter of yours any more: run millwright substituter ${id} on.`,
      run: async () => ((await isOffered()) ? setUserSubstituter(ports, id, true) : undefined),
    })
  }
  await setUserSubstituter(ports, id, false)
  await job.undo({
    ifLeft: `The key on ${host} that signs what it builds; nobody here trusts it any more. Run again: millwright substituter ${id} off --everyone`,
    // Once it is not trusted there is no way back, only on.
    run: async () => ((await isOffered()) ? undefined : noWayBack()),
  })
  if (substituter) {
    await withRestartConsent(job, (restartDaemon) =>
      ports.helper.call(
        { op: 'set-substituter', id, offered: false, everyone: false, restartDaemon },
        { signal: job.signal, ask: job.ask },
      ),
    )
  }

  yield 'connect'
  const record = await signableRecord(ports, id)
  const far = await openRemoteSession(ports, job, record)

  yield 'drop-signing-key'
  await withRestartConsent(
    job,
    (restart) => deleteSigningKey(ports, far, record, restart, job.signal),
    far.host.host,
  )
  await ports.records.update(id, withoutSigning)
}
