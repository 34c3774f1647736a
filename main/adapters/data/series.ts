import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SeriesPoint } from '../../../contract/health'
import { addPoint, noTrend, pointsOf, spans, trendOf } from '../../../core/health/series-ring'
import { logged } from '../../failures'
import type { Log } from '../../ports/log'
import type { SeriesPort } from '../../ports/series'
import { type Rings, readRings, writeRings } from './series-file'

export interface SeriesOptions {
  readonly dir: string
  readonly log: Log
  /** A builder's file is written no more often. */
  readonly writeEveryMs?: number
}

/** One builder's past in memory, once its file has been read; until then points wait. */
interface Kept {
  readonly rings: Promise<Rings>
  /** The same, once they are read. */
  loaded?: Rings
  isChanged: boolean
  writeAtMs: number
  /** The write under way: one after another. */
  writing: Promise<void>
}

/** Rings of numbers, one file of 18 KiB for each builder, read when first asked for and written every few minutes. */
export function createSeries({ dir, log, writeEveryMs = 300_000 }: SeriesOptions): SeriesPort {
  const known = new Map<string, Kept>()
  const pathOf = (id: string) => join(dir, `${id}.series`)

  const keptOf = (id: string): Kept => {
    const before = known.get(id)
    if (before) return before
    const kept: Kept = {
      rings: readRings(pathOf(id)),
      isChanged: false,
      // Somewhere within the time, so that many are not written together.
      writeAtMs: performance.now() + Math.random() * writeEveryMs,
      writing: Promise.resolve(),
    }
    void kept.rings.then((rings) => {
      kept.loaded = rings
    })
    known.set(id, kept)
    return kept
  }
  const write = (id: string, kept: Kept): Promise<void> => {
    if (!kept.isChanged) return kept.writing
    kept.writeAtMs = performance.now() + writeEveryMs
    kept.writing = kept.writing.then(async () => {
      const rings = await kept.rings
      if (!kept.isChanged || known.get(id) !== kept) return
      kept.isChanged = false
      await writeRings(pathOf(id), rings).catch(logged(log, 'series-not-written', { builder: id }))
    })
    return kept.writing
  }
  return {
    add: (id: string, point: SeriesPoint) => {
      const kept = keptOf(id)
      kept.isChanged = true
      const put = (rings: Rings) => {
        addPoint(rings.hour, point)
        addPoint(rings.day, point)
      }
      if (kept.loaded) put(kept.loaded)
      else void kept.rings.then(put)
      if (performance.now() >= kept.writeAtMs) void write(id, kept)
    },
    read: async (id, span, nowMs) => {
      const rings = await (known.get(id)?.rings ?? readRings(pathOf(id)))
      return { span, stepMs: spans[span].stepMs, points: pointsOf(rings[span], nowMs) }
    },
    trend: (id, cpus, nowMs) => {
      const rings = known.get(id)?.loaded
      return rings ? trendOf(rings.hour, cpus, nowMs) : noTrend
    },
    keepOnly: async (ids) => {
      const wanted = new Set(ids.map((id) => `${id}.series`))
      for (const [id, kept] of known) {
        if (wanted.has(`${id}.series`)) continue
        known.delete(id)
        await kept.writing
      }
      // No folder, no files; and what cannot be read now is swept the next time.
      const files = await readdir(dir).catch(() => [])
      const old = files.filter((name) => /\.(series|tmp)$/.test(name) && !wanted.has(name))
      // A temporary file belongs to a write that was cut short, or to one under way, which then fails: no harm.
      // What cannot be removed takes 18 KiB, until the next time.
      await Promise.all(old.map((name) => rm(join(dir, name), { force: true }).catch(() => undefined)))
    },
    flush: async () => {
      await Promise.all([...known].map(([id, kept]) => write(id, kept)))
    },
  }
}
