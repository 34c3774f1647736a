import type { RegisteredBuilder } from '../../../contract/builder'
import type { ReachableMachine } from '../../../contract/snapshot'
import type { FoundMachine } from '../../ports/local'
import type { BuilderRecord } from '../../ports/records'

type Builder = Pick<RegisteredBuilder, 'id' | 'host' | 'port' | 'hostKeys'>

/** A machine within reach, with the builder that it is: by a host key that is known of it, or by where it leads. */
export function markBuilder(
  { host, port, hostKeys, ...machine }: FoundMachine,
  builders: readonly Builder[],
  records: readonly BuilderRecord[],
): ReachableMachine {
  const isSame = (builder: Builder) => {
    const login = records.find(({ id }) => id === builder.id)?.login
    return (
      builder.hostKeys.some(({ key }) => hostKeys.includes(key)) ||
      (builder.host === host && builder.port === port) ||
      (login?.host === machine.address && login.port === port)
    )
  }
  const known = builders.find(isSame)
  return known ? { ...machine, builder: known.id } : machine
}
