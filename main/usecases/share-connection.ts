import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'

/**
 * Lets a builder's builds share one held connection, or log in one by one again. The helper keeps it on only
 * after handshakes and builds have gone through it.
 */
export async function* shareConnection(
  ports: Pick<Ports, 'helper'>,
  { signal, ask }: Job,
  id: string,
  on: boolean,
): Flow<'share'> {
  yield 'share'
  await requireBuilder(ports, id)
  await ports.helper.call({ op: 'set-shared', id, shared: on }, { signal, ask })
}
