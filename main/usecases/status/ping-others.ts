import type { LineAnswer, UnmanagedBuilder } from '../../../contract/snapshot'
import { toFailure } from '../../failures'
import type { Ports } from '../../ports/ports'

/** What was read of the daemon that long ago says well enough whether root is had without a question. */
const maxAgeMs = 60_000

/**
 * Whether root gets to builders that others wrote, by the key of each line; none where root would ask for a password.
 * Never fails: a handshake that does is the answer.
 */
export async function pingOthers(
  { helper, clock }: Pick<Ports, 'helper' | 'clock'>,
  unmanaged: readonly UnmanagedBuilder[],
): Promise<Readonly<Record<string, LineAnswer>>> {
  const lines = unmanaged.flatMap(({ key, machine }) => (key !== undefined && isBySsh(machine) ? [key] : []))
  if (lines.length === 0 || !(await helper.daemon({ maxAgeMs }))?.isWhole) return {}
  const answers = await Promise.all(
    lines.map(async (line) => {
      const answer = await helper.call({ op: 'ping-line', line }).then(
        ({ latencyMs }) => ({ ...(latencyMs === undefined ? {} : { latencyMs }) }),
        (error: unknown) => ({ failure: toFailure(error) }),
      )
      return [line, { at: clock.now().toISOString(), ...answer }] as const
    }),
  )
  return Object.fromEntries(answers)
}

/** A store of another kind has nothing to shake hands with; of one that is not to be read root knows. */
function isBySsh(machine: UnmanagedBuilder['machine']): boolean {
  return machine === undefined || /^ssh(-ng)?:/.test(machine.uri)
}
