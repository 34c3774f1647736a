import * as v from 'valibot'
import { Proof } from '../../../../contract/builder'
import { BuilderId } from '../../../../contract/grammar'
import { OwnedFile } from '../../../../contract/helper'
import { Derived, RemoteFacts } from '../../../../contract/remote'
import { recordVersions } from '../../../../contract/version'
import { noFacts } from '../../../../core/provision/no-facts'
import type { Document, DocumentFormat } from '../../../../core/versions/document'
import { readLeniently } from '../../../../core/versions/read-leniently'
import { isRecord } from '../../../../core/versions/with-change'
import type { BuilderRecord } from '../../../ports/records'
import { KeptFailure } from './kept-failure'

/** Without these nobody can log in there again and take back what was made. */
export const NeededOfRecord = v.object({
  id: BuilderId,
  login: v.object({
    user: v.string(),
    host: v.string(),
    port: v.number(),
    identityFile: v.exactOptional(v.string()),
  }),
  provision: v.record(v.string(), v.string()),
})

/** Each as it usually is where it is missing. */
export const RestOfRecord = v.object({
  address: v.string(),
  derived: v.array(Derived),
  remoteFiles: v.array(OwnedFile),
  proof: v.exactOptional(Proof),
  failure: v.exactOptional(KeptFailure),
  signing: v.exactOptional(v.object({ done: v.number(), total: v.number() })),
  addedAt: v.string(),
  leftBehind: v.exactOptional(v.array(v.string())),
})

/** What the app remembers of one builder. */
export const builderRecordFormat: DocumentFormat<BuilderRecord> = {
  version: recordVersions.builder,
  migrations: [nameScriptsHash],
  read: (document) => {
    const needed = v.safeParse(NeededOfRecord, document)
    if (!needed.success) return undefined
    const { host } = needed.output.login
    const rest = readLeniently(
      RestOfRecord,
      { address: host, derived: [], remoteFiles: [], addedAt: '' },
      document,
    )
    return { ...needed.output, ...rest, facts: readLeniently(RemoteFacts, noFacts, document.facts) }
  },
}

/** Version 1 called it the mark, and in its first days told Nix of allowed users as well. */
function nameScriptsHash(document: Document): Document {
  const { provision, facts } = document
  return {
    ...document,
    ...(isRecord(provision)
      ? { provision: renamed(provision, 'scripts_mark', 'scripts_hash', ['allow']) }
      : {}),
    ...(isRecord(facts) && Array.isArray(facts.scripts)
      ? {
          facts: {
            ...facts,
            scripts: facts.scripts.map((one: unknown) =>
              isRecord(one) ? renamed(one, 'mark', 'hash') : one,
            ),
          },
        }
      : {}),
  }
}

function renamed(fields: Document, from: string, to: string, without: readonly string[] = []): Document {
  const entries = Object.entries(fields).filter(([name]) => !without.includes(name))
  return Object.fromEntries(entries.map(([name, value]) => [name === from ? to : name, value]))
}
