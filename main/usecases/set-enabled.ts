import { fail } from '../failures'
import type { Flow, Job } from '../jobs'
import type { Ports } from '../ports/ports'
import { syncMySubstituters } from './my-substituters'

type Needs = Pick<Ports, 'helper' | 'records' | 'userConf'>

/** Pause: takes a builder out of the machines file, so that Nix does not even look at it. */
export async function* pauseBuilder(ports: Needs, { ask }: Job, id: string): Flow {
  const { helper } = ports
  yield 'disable'
  await requireBuilder(ports, id)
  await helper.call({ op: 'set-enabled', id, enabled: false }, { ask })
  await syncMySubstituters(ports)
}

/** Resume: puts it back; in force for the next build, since Nix reads the machines file for each. */
export async function* resumeBuilder(ports: Needs, { ask }: Job, id: string): Flow {
  const { helper } = ports
  yield 'enable'
  const builder = await requireBuilder(ports, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  await helper.call({ op: 'set-enabled', id, enabled: true }, { ask })
  await syncMySubstituters(ports)
}

/** The builder as root's files have it, or NO_SUCH_BUILDER. */
export async function requireBuilder({ helper }: Pick<Ports, 'helper'>, id: string) {
  const { builders } = await helper.status()
  return builders.find((builder) => builder.id === id) ?? fail('NO_SUCH_BUILDER', { builder: id })
}
