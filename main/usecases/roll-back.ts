import { fail } from '../failures'
import type { Flow, Job } from '../jobs'
import type { Ports } from '../ports/ports'

/** Goes back to an earlier generation of root's files; absent: the one before the current. */
export async function* rollBack(
  { helper }: Pick<Ports, 'helper'>,
  { ask }: Job,
  wanted: number | undefined,
): Flow {
  yield 'rollback'
  const { generation: current, generations } = await helper.status()
  const older = generations.map((entry) => entry.generation).filter((entry) => entry < (current ?? 0))
  const generation = wanted ?? (older.length > 0 ? Math.max(...older) : fail('NO_SUCH_GENERATION'))
  await helper.call({ op: 'rollback', generation }, { ask })
}
