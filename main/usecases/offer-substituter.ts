import type { Scope } from '../../contract/mode'
import type { SigningProgress } from '../../core/provision/substituter'
import { fail, logged } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { withRestartConsent } from './steps/restart-consent'
import {
  deleteSigningKey,
  makeSigningKey,
  openRemoteSession,
  signableRecord,
  signExistingPaths,
  withoutSigning,
  withSigning,
} from './steps/signing'
import { setUserSubstituter } from './steps/user-substituters'

/**
 * Makes a builder a substituter: a key made over there that never leaves, trusted here for that builder's store
 * alone, and what it had before signed too. A run that was killed is gone on with; one that failed is taken back.
 */
export async function* offerSubstituter(
  ports: Ports,
  job: Job,
  id: string,
  scope: Scope,
  show: (progress: SigningProgress | undefined) => void,
): Flow<'offer-substituter'> {
  yield 'connect'
  if (scope === 'everyone' && (await ports.helper.inspect()).way === 'not-needed') fail('NOBODY_ELSE_HERE')
  const builder = await requireBuilder(ports, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  const record = await signableRecord(ports, id)
  const far = await openRemoteSession(ports, job, record)

  yield 'make-signing-key'
  const takeBack = `Run: millwright substituter ${id} off --everyone`
  await job.undo({
    ifLeft: `The key on ${builder.host} that signs what it builds. ${takeBack}`,
    run: async (signal) => {
      await deleteSigningKey(ports, far, record, 'always', signal)
      await ports.records.update(id, withoutSigning)
    },
  })
  const publicKey = await makeSigningKey(ports, job, far, record)
  const signing = record.signing ?? { done: 0, total: 0 }
  const note = (progress: SigningProgress) =>
    ports.records.update(id, (kept) => withSigning(kept, publicKey, progress))
  await note(signing)
  job.note(publicKey.split(':')[0] ?? '')

  yield 'trust'
  await job.undo({
    ifLeft: `${id} as substituter in root’s files. ${takeBack}`,
    run: async (signal) => {
      await setUserSubstituter(ports, id, false)
      // Root is not asked again for what it was not let do.
      if (!(await requireBuilder(ports, id)).substituter) return
      const request = { op: 'set-substituter', id, offered: false, everyone: false } as const
      await ports.helper.call({ ...request, restartDaemon: 'always' }, { signal })
    },
  })
  const everyone = scope === 'everyone' || builder.substituter?.everyone === true
  await withRestartConsent(job, (restartDaemon) =>
    ports.helper.call(
      { op: 'set-substituter', id, offered: true, everyone, publicKey, restartDaemon },
      { signal: job.signal, ask: job.ask },
    ),
  )
  if (scope === 'me') await setUserSubstituter(ports, id, true)

  yield 'sign'
  let kept: Promise<unknown> = Promise.resolve()
  await signExistingPaths(ports, job, far, record, (progress) => {
    job.note(`${progress.done} of ${progress.total} paths`)
    show(progress)
    const notKept = logged(ports.log, 'signing-not-noted', { builder: id })
    kept = kept.then(() => note(progress)).catch(notKept)
  }).finally(() => kept)
  await ports.records.update(id, (kept) => {
    const { signing: _, ...signed } = withSigning(kept, publicKey, signing)
    return signed
  })
  show(undefined)
}
