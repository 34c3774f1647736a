import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultPreferences } from '../../../../contract/preferences'
import type { Document } from '../../../../core/versions/document'
import { createFinishedBuilds } from '../../../../main/adapters/builds/finished-builds'
import { createPreferences } from '../../../../main/adapters/data/preferences'
import { createRecords } from '../../../../main/adapters/data/records'
import { createSecretFile } from '../../../../main/adapters/data/secret-file'
import { emptyRings, readRings, writeRings } from '../../../../main/adapters/data/series-file'
import { createWindowBounds } from '../../../../main/adapters/data/window-bounds'
import { createHostKeyStore, toOfferedKey } from '../../../../main/adapters/ssh/authentication/host-keys'
import { hostKey } from '../../../fakes/keys'
import { readFormats } from '../../../fixtures/read-formats'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cut-files-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(join(dir, name, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(join(dir, name), content, { mode: 0o600 })
}
const latest = (format: string) => readFormats(format).at(-1)?.[1] ?? ''
/** All that could be left of a text when writing it was cut short, but for a last newline. */
const cutsOf = (text: string) => Array.from(text.trimEnd(), (_, length) => text.slice(0, length))
const quiet = () => createRecords({ dir, onTrouble: () => undefined })

// Thousands of files, each written and read anew.
describe('a file that was cut at any byte', { timeout: 240_000 }, () => {
  it.each([
    ['builders', 'builder-record', 'anna'],
    ['switches', 'switch-note', 'anna'],
    ['receipts', 'receipt', 'one'],
  ] as const)('of %s takes no other with it, and can be written anew', async (folder, format, name) => {
    const whole = JSON.parse(latest(format))
    const named = (id: string) => ({ ...whole, ...(folder === 'receipts' ? { jobId: id } : { id }) })
    put(`${folder}/other.json`, JSON.stringify(named('other')))
    const all = () => {
      const records = quiet()
      return { builders: records.builders, switches: records.switchNotes, receipts: records.receipts }[
        folder
      ]()
    }
    const every = folder === 'builders' ? 5 : 1
    for (const cut of cutsOf(JSON.stringify(named(name))).filter((_, at) => at % every === 0)) {
      put(`${folder}/${name}.json`, cut)
      expect(await all()).toHaveLength(1)
      rmSync(join(dir, folder, `${name}.json.broken`))
    }
    put(`${folder}/${name}.json`, JSON.stringify(named(name)))
    expect(await all()).toHaveLength(2)
  })

  it('of a builder is one that cannot be read, which removing it goes by', async () => {
    for (const cut of cutsOf(latest('builder-record')).filter((_, at) => at % 37 === 0)) {
      put('builders/anna.json', cut)
      expect(await quiet().builder('anna')).toBeUndefined()
      expect(await quiet().unreadable()).toEqual([{ id: 'anna', trouble: 'damaged' }])
      await quiet().deleteBuilder('anna')
      expect(await quiet().unreadable()).toEqual([])
    }
  })

  it('of wishes and preferences is the usual one, and takes what is set then', async () => {
    const records = quiet()
    for (const cut of cutsOf(latest('substituters'))) {
      put('substituters.json', cut)
      expect(await records.substituters()).toEqual([])
      expect(await records.updateSubstituters((ids) => [...ids, 'otto'])).toEqual(['otto'])
    }
    const preferences = createPreferences({ dir })
    for (const cut of cutsOf(latest('preferences'))) {
      put('preferences.json', cut)
      expect(await preferences.read()).toEqual(defaultPreferences)
      expect(await preferences.update((known) => ({ ...known, longBuildMinutes: 3 }))).toMatchObject({
        longBuildMinutes: 3,
      })
    }
  })

  it('of the past is an empty one', async () => {
    const finished = createFinishedBuilds({ dir, log: { write: () => undefined } })
    for (const cut of cutsOf(latest('finished-builds')).filter((_, at) => at % 7 === 0)) {
      put('finished-builds.json', cut)
      expect(await finished.read()).toEqual([])
    }
    await finished.write([])
    expect(await finished.read()).toEqual([])
    await writeRings(join(dir, 'anna.series'), emptyRings())
    const whole = readFileSync(join(dir, 'anna.series'))
    for (let length = 0; length < whole.length; length += length < 64 ? 1 : 997) {
      put('anna.series', whole.subarray(0, length))
      expect(await readRings(join(dir, 'anna.series'))).toEqual(emptyRings())
    }
  })

  it('of secrets is an empty one, and takes new ones', async () => {
    const file = createSecretFile(join(dir, 'secrets.json'))
    for (const cut of cutsOf(latest('secrets'))) {
      put('secrets.json', cut)
      expect(await file.read()).toEqual({})
      await file.update(() => ({ key: 'new' }))
      expect(await file.read()).toEqual({ key: 'new' })
    }
  })

  it('of the installation’s id is a missing one, of which all processes make the same', async () => {
    for (const cut of ['', ...cutsOf('0123abcd')]) {
      put('install-id', cut)
      const ids = await Promise.all(Array.from({ length: 4 }, () => quiet().installId()))
      expect(new Set(ids).size).toBe(1)
      expect(readFileSync(join(dir, 'install-id'), 'utf8')).toBe(`${ids[0]}\n`)
    }
  })

  it('of known hosts never makes a host look like another', async () => {
    const no = { isStrict: false, checksAddress: false, hashesNames: false, hasCommand: false }
    const anna = { host: 'anna', port: 22, rules: { ...no, files: [], leastRsaBits: 0 } }
    const offered = toOfferedKey(Buffer.from(hostKey(1).key, 'base64'))
    for (const cut of cutsOf(`anna ${offered.type} ${offered.key}\n`)) {
      put('known_hosts', cut)
      const store = createHostKeyStore(join(dir, 'known_hosts'))
      expect((await store.read(anna)).verify(offered).is).toBe('unknown')
      await store.remember(anna, offered)
      expect((await store.read(anna)).verify(offered).is).toBe('known')
    }
  })

  it('of the window is the usual place', () => {
    for (const cut of cutsOf(latest('window'))) {
      const bounds = createWindowBounds({
        get store(): Document {
          return JSON.parse(cut)
        },
        set store(_) {},
      })
      expect(bounds.load()).toEqual({ width: 960, height: 640 })
      bounds.save({ width: 800, height: 600 })
    }
  })
})

describe('what stands where a file should be', () => {
  it('is set aside when it is a pipe or a folder, and waited for by nobody', async () => {
    put('builders/otto.json', JSON.stringify({ ...JSON.parse(latest('builder-record')), id: 'otto' }))
    execFileSync('mkfifo', [join(dir, 'builders/anna.json')])
    mkdirSync(join(dir, 'builders/bob.json'))
    expect((await quiet().builders()).map(({ id }) => id)).toEqual(['otto'])
    expect((await quiet().unreadable()).map(({ id }) => id)).toEqual(['anna', 'bob'])
    for (const id of ['anna', 'bob']) await quiet().deleteBuilder(id)
    expect(await quiet().unreadable()).toEqual([])
  })

  it('is told as not read, and left as it is, where the file system does not give it out', async () => {
    put('builders/otto.json', JSON.stringify({ ...JSON.parse(latest('builder-record')), id: 'otto' }))
    symlinkSync('anna.json', join(dir, 'builders/anna.json'))
    const told: string[] = []
    const records = createRecords({ dir, onTrouble: (path, trouble) => void told.push(`${path} ${trouble}`) })
    expect((await records.builders()).map(({ id }) => id)).toEqual(['otto'])
    expect(told).toEqual([`${dir}/builders/anna.json unread`])
    expect(await quiet().unreadable()).toEqual([{ id: 'anna', trouble: 'unread' }])
    expect(readdirSync(join(dir, 'builders')).sort()).toEqual(['anna.json', 'otto.json'])
  })

  it('is an empty past when it is a pipe', async () => {
    execFileSync('mkfifo', [join(dir, 'anna.series'), join(dir, 'install-id')])
    expect(await readRings(join(dir, 'anna.series'))).toEqual(emptyRings())
    expect(await quiet().installId()).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is no record of a builder when it is that of another', async () => {
    put('builders/anna.json', JSON.stringify({ ...JSON.parse(latest('builder-record')), id: 'otto' }))
    expect(await quiet().builder('anna')).toBeUndefined()
    expect(await quiet().unreadable()).toEqual([{ id: 'anna', trouble: 'unfit' }])
  })
})
