import { fail } from '../failures'
import type { Flow, Job } from '../jobs'
import type { Ports } from '../ports/ports'

export async function* collectGarbage(
  _ports: Pick<Ports, 'helper' | 'keychain' | 'collect'>,
  _job: Job,
  id: string,
): Flow {
  yield 'count-garbage'
  fail('COLLECT_FAILED', { builder: id })
}
