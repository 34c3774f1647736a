import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'

/** Puts the helper of this Millwright into its place, or in that of one of another version; builders stay as they are. */
export async function* installHelper({ helper }: Pick<Ports, 'helper'>, job: Job): Flow<'install-helper'> {
  yield 'put-helper'
  await helper.install(job.signal)
}
