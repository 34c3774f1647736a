import type { BuilderSpec } from '../../../contract/builder'
import { parsePublicKeyLine } from '../../../core/ssh/public-key'
import { fail } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import { withRestartConsent } from './restart-consent'

/**
 * Puts the builder into root's files, switched off, and has root make its key. The record is written first:
 * after a crash between the two, *remove* still knows what to take back. Returns the key's public half.
 */
export async function register(
  { helper, records }: Pick<Ports, 'helper' | 'records'>,
  job: Job,
  builder: BuilderSpec,
  record: BuilderRecord,
  /** False while something of ours is left over there: then *remove* still needs the record. */
  isBuilderClean: () => boolean,
): Promise<string> {
  await job.undo({
    ifLeft: `The note of ${builder.id} in your own data: run millwright remove ${builder.id} --local-only.`,
    run: async () => (isBuilderClean() ? records.deleteBuilder(builder.id) : undefined),
  })
  await records.putBuilder(record)
  const put = (restartDaemon: 'when-idle' | 'always') =>
    helper.call({ op: 'put-builder', builder, restartDaemon }, { signal: job.signal, ask: job.ask })
  await job.undo({
    ifLeft: `${builder.id} in root’s files, switched off: run millwright remove ${builder.id} --local-only.`,
    run: async (signal) => {
      const { builders } = await helper.status()
      if (!builders.some(({ id }) => id === builder.id)) return
      await helper.call({ op: 'remove-builder', id: builder.id }, { signal })
    },
  })
  const { publicKey } = await withRestartConsent(job, put)
  // Its comment is root's business; over there the key line says whose it is.
  const key = publicKey === undefined ? undefined : parsePublicKeyLine(publicKey)
  return key ? `${key.type} ${key.key}` : fail('HELPER_FAILED', { builder: builder.id })
}
