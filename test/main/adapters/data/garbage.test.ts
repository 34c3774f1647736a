import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobView } from '../../../../contract/job'
import { createFinishedBuilds } from '../../../../main/adapters/builds/finished-builds'
import { createPreferences } from '../../../../main/adapters/data/preferences'
import { createRecords } from '../../../../main/adapters/data/records'
import { type App, startApp } from '../../../fakes/app'
import { debianServer } from '../../../fakes/machine'
import { createWorld, type World } from '../../../fakes/world'

/** Other bytes, other JSON, less of the same, or the same with one value of it replaced. */
const damage = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => () => Buffer.from(bytes)),
  fc.jsonValue().map((value) => () => Buffer.from(JSON.stringify(value))),
  fc.nat().map((at) => (whole: Buffer) => whole.subarray(0, at % Math.max(1, whole.length))),
  fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 1 })).map(
    ([at, value]) =>
      (whole: Buffer) =>
        Buffer.from(withOneReplaced(whole.toString('utf8'), at, value)),
  ),
)

/** JSON with the nth value in it replaced; what is no JSON is left as it is. */
function withOneReplaced(text: string, at: number, replacement: unknown): string {
  let count = 0
  const walk = (value: unknown, target: number): unknown => {
    if (count++ === target) return replacement
    if (Array.isArray(value)) return value.map((one) => walk(one, target))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, target)]))
  }
  if (!text.startsWith('{')) return text
  walk(JSON.parse(text), -1)
  const target = at % count
  count = 0
  return JSON.stringify(walk(JSON.parse(text), target))
}

describe('garbage in a file of the person’s', () => {
  let dir: string
  let aside: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'garbage-'))
    aside = `${dir}.aside`
  })
  afterEach(() => {
    for (const folder of [dir, aside]) rmSync(folder, { recursive: true, force: true })
  })

  const log = { write: () => undefined }
  const open = (world: World): App => {
    const records = createRecords({ dir, onTrouble: () => undefined })
    const kept = {
      ...{ records, preferences: createPreferences({ dir }) },
      finishedBuilds: createFinishedBuilds({ dir, log }),
    }
    return startApp({ ...world, ports: { ...world.ports, ...kept } })
  }
  /** Anna is a builder, paused and wished for as substituter; there is a past, and a job that was cut short. */
  const laid = async () => {
    const world = createWorld(debianServer('anna'), debianServer('otto'))
    const app = open(world)
    const { handlers } = app
    await app.run(handlers['add-builder']({ address: 'admin@anna.lan', options: {} }))
    await app.run(handlers['pause-builder']({ id: 'anna', forMs: 600_000 }))
    await handlers['set-preferences']({ suspend: false })
    const records = createRecords({ dir })
    await records.updateSubstituters(() => ['anna'])
    await records.putReceipt({
      ...{ jobId: 'cut-short', kind: 'add', builderId: 'anna', address: 'anna', startedAt: '' },
      leftBehind: ['The note of anna'],
    })
    await createFinishedBuilds({ dir, log }).write([
      { id: 'a', name: 'hello', startedAt: '2026-01-01T00:00:00.000Z', durationMs: 3, outcome: 'built' },
    ])
    return world
  }
  const files = () =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()

  it('keeps nobody from listing, adding, removing and taking all back, each of which ends in words', async () => {
    const property = fc.asyncProperty(fc.nat(), damage, async (number, damaged) => {
      for (const folder of [dir, aside]) rmSync(folder, { recursive: true, force: true })
      mkdirSync(dir)
      const world = await laid()
      cpSync(dir, aside, { recursive: true })
      const all = files()
      const path = all[number % all.length] ?? ''
      const bytes = damaged(readFileSync(path))
      writeFileSync(path, bytes)
      const what = `${path.slice(dir.length)}: ${JSON.stringify(bytes.toString('utf8'))}`
      const app = open(world)
      const endsInWords = (job: JobView | undefined) => {
        expect(['done', 'failed'], what).toContain(job?.state)
        expect(job?.failure?.code, `${what} ${job?.failure?.detail}`).not.toBe('UNEXPECTED')
        return job
      }
      await app.jobs.recall()
      await app.refresh()
      expect(
        app.store.state().builders.map(({ id }) => id),
        what,
      ).toEqual(['anna'])
      const { handlers } = app
      const added = endsInWords(
        await app.run(handlers['add-builder']({ address: 'admin@otto.lan', options: {} })),
      )
      expect(added, what).toMatchObject({ state: 'done' })
      endsInWords(await app.run(handlers['remove-builder']({ id: 'anna', localOnly: false })))
      endsInWords(await app.run(handlers['remove-builder']({ id: 'anna', localOnly: true })))
      expect(endsInWords(await app.run(handlers.uninstall({}))), what).toMatchObject({ state: 'done' })
      expect(world.root.state, what).toBeUndefined()
      await app.refresh()
      expect(app.store.state().builders, what).toEqual([])
      expect(
        files().filter((one) => one.endsWith('.lock')),
        what,
      ).toEqual([])
    })
    await fc.assert(property, { numRuns: 30 })
  }, 240_000)
})
