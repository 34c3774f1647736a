import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { withRestartConsent } from './steps/restart-consent'
import { deleteSigningKey, openRemoteSession, signableRecord, withoutSigning } from './steps/signing'
import { setUserSubstituter } from './steps/user-substituters'

/** Takes the role back for everyone and on both sides: nobody here trusts the key, then it is deleted there. */
export async function* withdrawSubstituter(ports: Ports, job: Job, id: string): Flow<'withdraw-substituter'> {
  yield 'distrust'
  const { substituter, host } = await requireBuilder(ports, id)
  await setUserSubstituter(ports, id, false)
  if (substituter) {
    await withRestartConsent(job, (restartDaemon) =>
      ports.helper.call(
        { op: 'set-substituter', id, offered: false, everyone: false, restartDaemon },
        { signal: job.signal, ask: job.ask },
      ),
    )
  }

  const record = await signableRecord(ports, id)
  try {
    yield 'connect'
    const far = await openRemoteSession(ports, job, record)

    yield 'drop-signing-key'
    await withRestartConsent(
      job,
      (restart) => deleteSigningKey(ports, far, record, restart, job.signal),
      far.host.host,
    )
  } catch (error) {
    job.leave(
      `The key on ${host} that signs what it builds; nobody here trusts it any more. Run again: millwright substituter ${id} off --everyone`,
    )
    throw error
  }
  await ports.records.update(id, withoutSigning)
}
