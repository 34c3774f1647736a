import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'

/** Goes back to an earlier generation of root's files; absent: the one before the current. */
export async function* rollBack(
  { helper, records }: Pick<Ports, 'helper' | 'records'>,
  job: Job,
  wanted: number | undefined,
): Flow<'rollback'> {
  yield 'rollback'
  const { generation: current, generations, builders: before } = await helper.status()
  const older = generations.map((entry) => entry.generation).filter((entry) => entry < (current ?? 0))
  const generation = wanted ?? (older.length > 0 ? Math.max(...older) : fail('NO_SUCH_GENERATION'))
  await helper.call({ op: 'rollback', generation }, { ask: job.ask })
  try {
    const { builders: now } = await helper.status()
    for (const { id } of before.filter((builder) => !now.some((one) => one.id === builder.id)))
      job.leave(
        `What was made on the machine of ${id}, and root’s key to it: that configuration does not know it. To take both back, go forward again and remove it: millwright rollback ${current}, then millwright remove ${id}.`,
      )
    // What is on again was decided by going back: no pause or suspension of before holds for it.
    for (const { id, enabled } of now) if (enabled) await records.deleteSwitchNote(id)
  } catch {
    // Root's files have gone back all the same.
    job.leave('Builders that are on again may be noted as paused: resume them.')
  }
}
