import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { keptBuilds } from '../../../core/builds/finished'
import type { FinishedBuildsPort } from '../../ports/finished-builds'
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

/** One small file among the person's data, written whole. A broken one is an empty one. */
export function createFinishedBuilds({ dir }: { readonly dir: string }): FinishedBuildsPort {
  const path = join(dir, 'finished-builds.json')
  return {
    read: async () => {
      try {
        return v.parse(History, JSON.parse(await readFile(path, 'utf8')))
      } catch {
        return []
      }
    },
    write: (finished) => writeFileWhole(path, `${JSON.stringify(finished)}\n`).catch(() => undefined),
  }
}
