import type { HelperStatus } from '../../../contract/helper'
import type { RemoteFacts } from '../../../contract/remote'
import { differ, isThisComputer } from '../../../core/provision/identity'
import { otherEntryOf, shareHostKey } from '../../../core/ssh/same-machine'
import { fail } from '../../failures'
import type { Ports } from '../../ports/ports'
import type { RemoteHost } from '../../ports/ssh'

type Needs = Pick<Ports, 'records' | 'local'>
type Seen = Pick<RemoteHost, 'host' | 'hostKeys' | 'hasOwnAddress'>

/**
 * A machine is its host keys, not its name: it is a builder once, and never this computer. Root's files know those that
 * other users of this computer added, too. An unfinished attempt under the same id goes on. Fails with
 * ADDRESS_IS_THIS_COMPUTER, MACHINE_IS_BUILDER, MACHINE_LIKE_BUILDER and ID_TAKEN.
 */
export async function requireNewMachine(
  ports: Needs,
  { builders }: HelperStatus,
  id: string,
  host: Seen,
  facts: Pick<RemoteFacts, 'bootId' | 'machineId'>,
): Promise<void> {
  const seen = { hostKeys: host.hostKeys, bootId: facts.bootId, machineId: facts.machineId }
  if (isThisComputer(await ports.local.identity(), seen, host.hasOwnAddress ?? false))
    fail('ADDRESS_IS_THIS_COMPUTER', { host: host.host })
  const other = otherEntryOf(builders, { id, hostKeys: host.hostKeys })
  if (other) await refuseKnown(ports, other, host, facts)
  const sameName = builders.find((builder) => builder.id === id)
  if (!sameName || (await isUnfinished(ports, sameName))) return
  if (shareHostKey(sameName.hostKeys, host.hostKeys)) await refuseKnown(ports, sameName, host, facts)
  fail('ID_TAKEN', { builder: id, host: sameName.host })
}

/** Left by an attempt that never got its proof. */
export async function isUnfinished(
  { records }: Pick<Ports, 'records'>,
  { id, enabled }: HelperStatus['builders'][number],
): Promise<boolean> {
  const record = await records.builder(id)
  return !enabled && record !== undefined && !record.proof
}

/** Says which builder a machine is, by whom it was added, or that it is a copy. */
export async function refuseKnown(
  ports: Pick<Ports, 'records'>,
  known: HelperStatus['builders'][number],
  { host }: Pick<Seen, 'host'>,
  { machineId }: Pick<RemoteFacts, 'machineId'>,
): Promise<never> {
  const record = await ports.records.builder(known.id)
  const place = { builder: known.id, host }
  if (differ(record?.facts.machineId, machineId)) return fail('MACHINE_LIKE_BUILDER', place)
  if (!record) return fail('MACHINE_IS_BUILDER', place)
  const since = record.addedAt.slice(0, 10) || 'an earlier day'
  const unfinished = (await isUnfinished(ports, known)) ? since : ''
  return fail('MACHINE_IS_BUILDER', { ...place, since, ...(unfinished ? { unfinished } : {}) })
}
