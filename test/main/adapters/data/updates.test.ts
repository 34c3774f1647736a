import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultPreferences } from '../../../../contract/preferences'
import { readDocument } from '../../../../core/versions/document'
import { withChange } from '../../../../core/versions/with-change'
import { builderRecordFormat } from '../../../../main/adapters/data/formats/builder-record'
import { createPreferences } from '../../../../main/adapters/data/preferences'
import { createRecords } from '../../../../main/adapters/data/records'
import { toFailure } from '../../../../main/failures'
import { readFormat } from '../../../fixtures/read-formats'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'updates-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const landed = readFormat('builder-record', '690fc8f.json')
const lay = (text = landed) => {
  mkdirSync(join(dir, 'builders'), { recursive: true })
  writeFileSync(join(dir, 'builders', 'anna.json'), text)
}
const kept = () => JSON.parse(readFileSync(join(dir, 'builders', 'anna.json'), 'utf8'))

describe('two changes at once', () => {
  it('to different parts of a record both land', async () => {
    lay()
    const [app, terminal] = [createRecords({ dir }), createRecords({ dir })]
    await Promise.all([
      app.update('anna', (record) => ({ ...record, signing: { done: 1, total: 2 } })),
      terminal.update('anna', (record) => ({ ...record, address: 'anna.lan' })),
      app.update('anna', ({ proof: _, ...record }) => record),
    ])
    expect(kept()).toMatchObject({ signing: { done: 1, total: 2 }, address: 'anna.lan' })
    expect(kept()).not.toHaveProperty('proof')
    expect(readdirSync(join(dir, 'builders'))).toEqual(['anna.json'])
  })

  it('to the preferences both land', async () => {
    const [app, terminal] = [createPreferences({ dir }), createPreferences({ dir })]
    await Promise.all([
      app.update((now) => ({ ...now, suspend: false })),
      terminal.update((now) => ({ ...now, longBuildMinutes: 3 })),
    ])
    expect(await app.read()).toEqual({ ...defaultPreferences, suspend: false, longBuildMinutes: 3 })
  })

  it('of two processes all land', async () => {
    const program = join(import.meta.dirname, 'update-program.ts')
    const run = async (word: string) => {
      const child = spawn(process.execPath, ['--import', 'tsx', program, dir, word, '25'], {
        stdio: 'inherit',
      })
      return await once(child, 'exit')
    }
    expect(await Promise.all([run('app'), run('terminal')])).toEqual([
      [0, null],
      [0, null],
    ])
    expect(await createRecords({ dir }).substituters()).toHaveLength(50)
  })

  it('wait for nobody who is dead', async () => {
    lay()
    const lock = join(dir, 'builders', 'anna.json.lock')
    const child = spawn('true')
    await once(child, 'exit')
    writeFileSync(lock, `${child.pid} ${hostname()}`)
    await createRecords({ dir }).update('anna', (record) => ({ ...record, address: 'one' }))
    expect(kept()).toMatchObject({ address: 'one' })
    // Ended between making the file and writing into it.
    writeFileSync(lock, '')
    utimesSync(lock, new Date(), new Date(Date.now() - 60_000))
    await createRecords({ dir }).update('anna', (record) => ({ ...record, address: 'two' }))
    expect(kept()).toMatchObject({ address: 'two' })
    expect(existsSync(lock)).toBe(false)
  })
})

describe('a change of a record', () => {
  it('keeps what this version does not know, brings an older one up to date, and says its version', async () => {
    lay(JSON.stringify({ ...JSON.parse(landed), mood: 'good' }))
    await createRecords({ dir }).update('anna', (record) => ({ ...record, address: 'anna.lan' }))
    expect(kept()).toMatchObject({ version: 2, mood: 'good', address: 'anna.lan' })
    expect(kept().provision).toHaveProperty('scripts_hash')
    expect(kept().provision).not.toHaveProperty('scripts_mark')
  })

  it('does nothing where there is none', async () => {
    expect(await createRecords({ dir }).update('anna', (record) => record)).toBeUndefined()
    expect(existsSync(join(dir, 'builders', 'anna.json'))).toBe(false)
  })

  it('is refused where a later version wrote what cannot be read, and leaves every byte', async () => {
    const later = '{"version": 99, "name": "anna"}'
    lay(later)
    const records = createRecords({ dir, onTrouble: () => undefined })
    const [record] = [readDocument(builderRecordFormat, landed)]
    if (record?.is !== 'read') throw new Error('it was not read')
    expect(await records.update('anna', (one) => one).catch(toFailure)).toMatchObject({ code: 'DATA_NEWER' })
    expect(await records.putBuilder(record.value).catch(toFailure)).toMatchObject({ code: 'DATA_NEWER' })
    expect(await records.builders()).toEqual([])
    expect(await records.unreadable()).toEqual([{ id: 'anna', trouble: 'newer' }])
    expect(readFileSync(join(dir, 'builders', 'anna.json'), 'utf8')).toBe(later)
  })

  it('loses nothing of one that is damaged, again and again, until its builder is removed', async () => {
    const records = createRecords({ dir, onTrouble: () => undefined })
    for (const text of ['{"first"', '{"second"', '{}']) {
      lay(text)
      expect(await records.builder('anna')).toBeUndefined()
    }
    const reading = readDocument(builderRecordFormat, landed)
    if (reading.is === 'read') await records.putBuilder(reading.value)
    const files = () => readdirSync(join(dir, 'builders')).sort()
    const aside = ['anna.json.broken', 'anna.json.broken-2', 'anna.json.broken-3']
    expect(files()).toEqual(['anna.json', ...aside])
    expect(aside.map((name) => readFileSync(join(dir, 'builders', name), 'utf8'))).toEqual([
      '{"first"',
      '{"second"',
      '{}',
    ])
    await records.deleteBuilder('anna')
    expect(files()).toEqual([])
    expect(await records.unreadable()).toEqual([])
  })
})

describe('a change made to more than is known', () => {
  const document = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue())

  it('leaves what is not known as it was, and all else as it was wanted', () => {
    fc.assert(
      fc.property(document, document, fc.dictionary(fc.constantFrom('x', 'y'), fc.jsonValue()), (...all) => {
        const [before, after, unknown] = all
        expect(withChange({ ...before, ...unknown }, before, after)).toEqual({ ...after, ...unknown })
      }),
    )
  })

  it('keeps it in a list as long as its entry is the same', () => {
    const before = { files: [{ path: '/a' }, { path: '/b' }] }
    const stored = { files: [{ path: '/a', mood: 1 }, { path: '/b' }] }
    const after = { files: [{ path: '/a' }, { path: '/c' }] }
    expect(withChange(stored, before, after)).toEqual({ files: [{ path: '/a', mood: 1 }, { path: '/c' }] })
  })
})
