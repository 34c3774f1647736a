import { fail } from '../failures'
import type { Flow, Job } from '../jobs'
import type { Ports } from '../ports/ports'

/** Pause: takes a builder out of the machines file, so that Nix does not even look at it. */
export async function* pauseBuilder({ helper }: Pick<Ports, 'helper'>, { ask }: Job, id: string): Flow {
  yield 'disable'
  await requireBuilder({ helper }, id)
  await helper.call({ op: 'set-enabled', id, enabled: false }, { ask })
}

/** Resume: puts it back; in force for the next build, since Nix reads the machines file for each. */
export async function* resumeBuilder({ helper }: Pick<Ports, 'helper'>, { ask }: Job, id: string): Flow {
  yield 'enable'
  const builder = await requireBuilder({ helper }, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  await helper.call({ op: 'set-enabled', id, enabled: true }, { ask })
}

/** The builder as root's files have it, or NO_SUCH_BUILDER. */
export async function requireBuilder({ helper }: Pick<Ports, 'helper'>, id: string) {
  const { builders } = await helper.status()
  return builders.find((builder) => builder.id === id) ?? fail('NO_SUCH_BUILDER', { builder: id })
}
