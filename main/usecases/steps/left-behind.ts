import type { RegisteredBuilder } from '../../../contract/builder'
import { noFacts } from '../../../core/provision/no-facts'
import { rebuildParameters } from '../../../core/provision/rebuild'
import { removalCommands } from '../../../core/provision/removal'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import { buildKeyIn, buildKeyNote } from './key-lines'
import { hasSigningKey } from './signing'
import { type LostBuilder, lostCommands } from './unprovision-builder'

/** What to go by where our own note of a builder is lost, or stands for what an earlier removal left behind. */
export async function lostBuilder(
  { records }: Pick<Ports, 'records'>,
  registered: RegisteredBuilder | undefined,
  record: BuilderRecord | undefined,
): Promise<LostBuilder | undefined> {
  if (registered && (!record || record.leftBehind)) {
    const { host, port } = registered
    return { ...registered, login: { host, port }, install: await records.installId() }
  }
  if (!record?.leftBehind) return undefined
  const { install = await records.installId(), user = '' } = record.provision
  const key = buildKeyIn(record.remoteFiles)
  return { id: record.id, user, login: record.login, hostKeys: [], install, buildKey: key }
}

/** What a person runs over there where nothing is to be done from here. */
export function commandsFor(
  record: BuilderRecord | undefined,
  lost: LostBuilder | undefined,
): readonly string[] {
  if (record)
    return (
      record.leftBehind ??
      removalCommands(record.provision, { signs: hasSigningKey(record), nix: record.facts.nix })
    )
  return lost ? lostCommands(lost) : []
}

/** A note in the place of one that is lost, as far as root's files and a look there know it. */
export function rebuiltRecord(
  { id, login, install, buildKey, ...lost }: LostBuilder,
  seen: Pick<BuilderRecord, 'facts' | 'provision'> & { readonly user?: string } = {
    facts: noFacts,
    provision: rebuildParameters({ id, ...lost }, install),
  },
): BuilderRecord {
  return {
    id,
    login: { ...login, user: login.user || (seen.user ?? '') },
    address: login.host,
    facts: seen.facts,
    derived: [],
    remoteFiles: buildKey ? [buildKeyNote(buildKey, install, id)] : [],
    provision: seen.provision,
    addedAt: '',
  }
}
