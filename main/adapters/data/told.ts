import { rm } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { BuilderId } from '../../../contract/grammar'
import { healthStates } from '../../../contract/health'
import { recordVersions } from '../../../contract/version'
import type { ToldHealth } from '../../../core/health/told'
import { logged } from '../../failures'
import type { Log } from '../../ports/log'
import type { ToldPort } from '../../ports/told'
import { KeptFailure } from './formats/kept-failure'
import { readPlainText } from './read-file'
import { writeFileWhole } from './write-file'

/** An app says it anew each five minutes at least; a computer that slept has one that is silent till then. */
const freshMs = 6 * 60_000

const Told = v.object({
  state: v.picklist(healthStates),
  since: v.pipe(v.string(), v.isoTimestamp()),
  failure: v.exactOptional(KeptFailure),
})
const File = v.object({
  version: v.literal(recordVersions.told),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  atMs: v.number(),
  builders: v.record(v.string(), v.unknown()),
})

export interface ToldOptions {
  readonly dir: string
  readonly log: Log
  readonly nowMs?: () => number
}

/** A file beside the person's data, which names the process that says so: what a crash has left says nothing. */
export function createTold({ dir, log, nowMs = Date.now }: ToldOptions): ToldPort {
  const path = join(dir, 'told.json')
  return {
    read: async () => {
      const text = await readPlainText(path).catch(() => '') // None, or no plain file: nobody watches.
      const file = v.safeParse(v.pipe(v.string(), v.parseJson(), File), text)
      if (!file.success) return {}
      const { pid, atMs, builders } = file.output
      const ageMs = nowMs() - atMs
      if (ageMs < 0 || ageMs > Math.min(freshMs, uptime() * 1000) || !isRunning(pid)) return {}
      return Object.fromEntries(
        Object.entries(builders).flatMap(([id, told]): [string, ToldHealth][] =>
          v.is(BuilderId, id) && v.is(Told, told) ? [[id, told]] : [],
        ),
      )
    },
    write: async (builders) => {
      const file = { version: recordVersions.told, pid: process.pid, atMs: nowMs(), builders }
      await writeFileWhole(path, `${JSON.stringify(file)}\n`).catch(logged(log, 'told-not-written'))
    },
    clear: () => rm(path, { force: true }).catch(logged(log, 'told-not-written')),
  }
}

/** Another person's process, by the same number, is none of ours (kill(2), EPERM). */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // None by that number, or not the person's.
    return false
  }
}
