import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { keptBuilds } from '../../../core/builds/finished'
import { logged } from '../../failures'
import type { FinishedBuildsPort } from '../../ports/finished-builds'
import type { Log } from '../../ports/log'
import { writeFileWhole } from '../data/write-file'

const Text = v.pipe(v.string(), v.maxLength(1_000))
const Finished = v.object({
  id: Text,
  name: Text,
  drvPath: v.exactOptional(Text),
  builder: v.exactOptional(Text),
  user: v.exactOptional(Text),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  outcome: v.picklist(['built', 'failed', 'unknown']),
})
const History = v.pipe(v.array(Finished), v.maxLength(keptBuilds))

export interface FinishedBuildsOptions {
  readonly dir: string
  readonly log: Log
}

/** One small file among the person's data, written whole. A broken one is an empty one. */
export function createFinishedBuilds({ dir, log }: FinishedBuildsOptions): FinishedBuildsPort {
  const path = join(dir, 'finished-builds.json')
  return {
    read: async () => {
      try {
        return v.parse(History, JSON.parse(await readFile(path, 'utf8')))
      } catch {
        // What was built last is a comfort, no fact that anything stands on.
        return []
      }
    },
    write: (finished) =>
      writeFileWhole(path, `${JSON.stringify(finished)}\n`).catch(logged(log, 'finished-builds-not-written')),
  }
}
