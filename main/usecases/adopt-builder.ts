import { otherPlaceText } from '../../core/nix/other-lines'
import { noFacts } from '../../core/provision/no-facts'
import { rebuildParameters } from '../../core/provision/rebuild'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { otherLines, readNixUse } from './steps/nix-use'
import { withRestartConsent } from './steps/restart-consent'
import { prove } from './test-builder'

type Needs = Pick<Ports, 'helper' | 'local' | 'records' | 'clock'>

/**
 * Takes over a builder that somebody else has written into a machines file: root moves its line, as root itself reads it,
 * after a handshake by our own stanza. Nothing on that machine changes. What fails gives the line back.
 */
export async function* adoptBuilder(
  ports: Needs,
  job: Job,
  { id, line }: { readonly id: string; readonly line: string },
): Flow<'adopt'> {
  yield 'read-line'
  const found = otherLines(await readNixUse(ports)).find(({ key }) => key === line)
  if (!found) fail('LINE_GONE')
  const where = otherPlaceText(found)
  const answer = await job.ask({ kind: 'approve-adopt', builder: id, where })
  if (answer.kind === 'no') fail('PLAN_DECLINED', { host: id })

  yield 'move-line'
  const isThere = async () => (await ports.helper.status()).builders.some((one) => one.id === id)
  if (await isThere()) fail('ID_TAKEN', { builder: id })
  await job.undo({
    ifLeft: `${id} may be in root’s files, and its line in ${where} a comment: run millwright remove ${id}.`,
    run: async (signal) => {
      if (await isThere()) await ports.helper.call({ op: 'remove-builder', id }, { signal })
      await ports.records.deleteBuilder(id)
    },
  })
  await withRestartConsent(job, (restartDaemon) =>
    ports.helper.call({ op: 'adopt-line', line, id, restartDaemon }, { signal: job.signal, ask: job.ask }),
  )

  yield 'prove'
  const builder = await requireBuilder(ports, id)
  const proof = await prove(ports, job, builder)
  job.note(`built on ${proof.builtOn}`)
  const { host, port, user } = builder
  await ports.records.putBuilder({
    ...{ id, login: { host, port, user }, address: host, facts: noFacts, derived: [], remoteFiles: [] },
    provision: rebuildParameters(builder, await ports.records.installId()),
    ...{ addedAt: ports.clock.now().toISOString(), proof },
  })
}
