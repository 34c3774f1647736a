import { join } from 'node:path'
import * as v from 'valibot'
import { recordVersions } from '../../../contract/version'
import { keptBuilds } from '../../../core/builds/finished'
import type { DocumentFormat } from '../../../core/versions/document'
import { logged } from '../../failures'
import type { FinishedBuildsPort } from '../../ports/finished-builds'
import type { Log } from '../../ports/log'
import { createDocumentFile } from '../data/document-file'
import { warnOnce } from '../data/warn-once'

const Text = v.pipe(v.string(), v.maxLength(1_000))
/** What is kept of one build. */
export const Finished = v.object({
  id: Text,
  name: Text,
  drvPath: v.exactOptional(Text),
  builder: v.exactOptional(Text),
  user: v.exactOptional(Text),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  outcome: v.picklist(['built', 'failed', 'unknown']),
  logTail: v.exactOptional(v.pipe(v.array(Text), v.maxLength(20), v.readonly())),
})
interface History {
  readonly builds: readonly v.InferOutput<typeof Finished>[]
}

/** A build that is not understood is left out. */
export const finishedBuildsFormat: DocumentFormat<History> = {
  version: recordVersions.finishedBuilds,
  migrations: [(document) => document],
  wrap: (bare) => (Array.isArray(bare) ? { builds: bare } : undefined),
  read: ({ builds }) =>
    Array.isArray(builds)
      ? { builds: builds.slice(0, keptBuilds).filter((one) => v.is(Finished, one)) }
      : undefined,
}

export interface FinishedBuildsOptions {
  readonly dir: string
  readonly log: Log
}

/** One small file among the person's data, written whole. A broken one is an empty one. */
export function createFinishedBuilds({ dir, log }: FinishedBuildsOptions): FinishedBuildsPort {
  const file = createDocumentFile(join(dir, 'finished-builds.json'), finishedBuildsFormat, warnOnce())
  return {
    // A history is worth no question: none where it cannot be read.
    read: async () => (await file.read().catch(() => undefined))?.builds ?? [],
    write: async (builds) => {
      const kept = file.update(() => ({ builds: builds.map((build) => ({ ...build })) }))
      await kept.catch(logged(log, 'finished-builds-not-written'))
    },
  }
}
