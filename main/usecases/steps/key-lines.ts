import type { OwnedFile } from '../../../contract/helper'
import type { KeyLines } from '../../../core/scripts/script'
import { sshAlias } from '../../../core/ssh/alias'
import { otherEntryOf } from '../../../core/ssh/same-machine'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import type { RemoteHost } from '../../ports/ssh'

/** What is known of a builder's key before anybody looks there. */
interface Known {
  readonly id: string
  readonly buildKey?: string | undefined
  readonly remoteFiles?: BuilderRecord['remoteFiles']
}

/**
 * Which key lines on a machine are one builder's own: two entries of one machine, such as earlier versions made, keep
 * apart what names no builder by the key that root's files, or our own note, know.
 */
export async function keyLinesOf(
  { helper }: Pick<Ports, 'helper'>,
  { id, buildKey, remoteFiles = [] }: Known,
  { hostKeys }: Pick<RemoteHost, 'hostKeys'>,
): Promise<KeyLines> {
  const { builders } = await helper.status()
  const registered = builders.find((builder) => builder.id === id)
  return {
    buildKey: buildKey ?? registered?.buildKey ?? buildKeyIn(remoteFiles) ?? '',
    ownsUntagged: otherEntryOf(builders, { id, hostKeys }) === undefined,
  }
}

/** The key that builds come in by, out of the note of what was made over there. */
export function buildKeyIn(files: BuilderRecord['remoteFiles']): string | undefined {
  const pattern = /(ssh-ed25519 \S+) (?:millwright-\S+ )?millwright:[0-9a-f]{8}:build$/m
  return files.map(({ content = '' }) => pattern.exec(content)?.[1]).find((key) => key !== undefined)
}

/** The same note, of a builder of which no more is known. */
export function buildKeyNote(buildKey: string, install: string, id: string): OwnedFile {
  const content = `${buildKey} ${sshAlias(id)} millwright:${install}:build\n`
  return { path: '.ssh/authorized_keys', mode: '0600', owns: 'line', content }
}
