import { formatBytes, plural } from '../../core/text/format'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Garbage } from '../ports/collect'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { collectingKey } from './steps/own-keys'

type Needs = Pick<Ports, 'helper' | 'keychain' | 'records' | 'collect'>

/** Frees space on a builder: counts first what nothing there needs, asks, and deletes exactly such paths. */
export async function* collectGarbage(ports: Needs, job: Job, id: string): Flow<'collect'> {
  yield 'count-garbage'
  const builder = await requireBuilder(ports, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  const key = await keyTo(ports, builder)
  const found = await ports.collect.count(builder, key, job.signal)
  job.show({ garbage: { found } })
  if (found.paths === 0) return job.note('nothing to free')
  job.note(garbageWords(found))
  const answer = await job.ask({ kind: 'approve-collect', builder: id, ...found })
  if (answer.kind !== 'yes') fail('COLLECT_DECLINED', { builder: id })

  yield 'collect-garbage'
  const reportProgress = (soFar: Garbage) => job.note(`${garbageWords(soFar)} so far`)
  const freed = await ports.collect.collect(builder, key, reportProgress, job.signal)
  job.show({ garbage: { found, freed } })
  job.note(`freed ${formatBytes(freed.bytes)}`)
}

function garbageWords({ paths, bytes }: Garbage): string {
  return `${plural(paths, 'path')}, ${formatBytes(bytes)}`
}

/** One whose set-up let no such key in, or that only another machine leads to, cannot be asked. */
async function keyTo(
  ports: Needs,
  { id, host, jump }: Awaited<ReturnType<typeof requireBuilder>>,
): Promise<string> {
  const facts = { builder: id, host }
  if (jump) fail('NOT_WATCHED', { ...facts, jump: jump.host })
  const record = await ports.records.builder(id)
  const key = record?.provision.collect_key ? await collectingKey(ports, id) : undefined
  return key ?? fail('NOT_WATCHED', facts)
}
