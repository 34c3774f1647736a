import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultPreferences } from '../../../../contract/preferences'
import { ProvisionParameters } from '../../../../contract/remote'
import { recordVersions } from '../../../../contract/version'
import { parseProbe, probeProtocolVersion } from '../../../../core/health/probe-line'
import { parseCollectLine } from '../../../../core/nix/collect'
import { parseUserConf } from '../../../../core/nix/user-conf'
import { runsAs } from '../../../../core/scripts/script'
import { parseKnownHosts } from '../../../../core/ssh/known-hosts'
import { type DocumentFormat, readDocument, writeDocument } from '../../../../core/versions/document'
import { isRecord } from '../../../../core/versions/with-change'
import { createFinishedBuilds, finishedBuildsFormat } from '../../../../main/adapters/builds/finished-builds'
import { builderRecordFormat } from '../../../../main/adapters/data/formats/builder-record'
import { receiptFormat } from '../../../../main/adapters/data/formats/receipt'
import { substitutersFormat } from '../../../../main/adapters/data/formats/substituters'
import { switchNoteFormat } from '../../../../main/adapters/data/formats/switch-note'
import { createPreferences, preferencesFormat } from '../../../../main/adapters/data/preferences'
import { createRecords } from '../../../../main/adapters/data/records'
import { createSecretFile } from '../../../../main/adapters/data/secret-file'
import { windowFormat } from '../../../../main/adapters/data/window-bounds'
import { readFormat, readFormats } from '../../../fixtures/read-formats'

/** Each kind of document by the folder of its fixtures, with the version that is written. */
const formats: Readonly<Record<string, DocumentFormat<object>>> = {
  'builder-record': builderRecordFormat,
  'switch-note': switchNoteFormat,
  receipt: receiptFormat,
  substituters: substitutersFormat,
  preferences: preferencesFormat,
  'finished-builds': finishedBuildsFormat,
  window: windowFormat,
}
const everyFile = Object.entries(formats).flatMap(([kind, format]) =>
  readFormats(kind).map(([name, text]) => ({ kind, name, text, format })),
)

function valueIn<T extends object>(format: DocumentFormat<T>, text: string): T {
  const reading = readDocument(format, text)
  if (reading.is !== 'read') throw new Error(`it is ${reading.is}`)
  return reading.value
}

describe('a file that any version has written', () => {
  it.each(everyFile)('is read: $kind, $name', ({ format, text }) => {
    expect(readDocument(format, text)).toMatchObject({ is: 'read' })
  })

  it('tells as a builder’s record all that removing it needs', () => {
    for (const [, text] of readFormats('builder-record')) {
      const { login, provision, facts } = valueIn(builderRecordFormat, text)
      expect(login).toMatchObject({ user: 'easy', port: 22 })
      expect(v.parse(ProvisionParameters, provision)).toMatchObject({ mode: 'dedicated', user: 'nixremote' })
      expect(runsAs(provision)).toBe('root')
      expect(facts).toMatchObject({ root: 'sudo-free', nix: { kind: 'multi-user' } })
    }
  })

  it('tells what was chosen and done', () => {
    const prefer = valueIn(preferencesFormat, readFormat('preferences', '12adbda.json'))
    expect(prefer).toEqual({
      notifications: { lost: true, diskLow: false, hostKeyChanged: true, longBuild: false },
      longBuildMinutes: 25,
      suspend: false,
    })
    for (const [, text] of readFormats('substituters'))
      expect(valueIn(substitutersFormat, text).ids).toEqual(['anna'])
    for (const [, text] of readFormats('receipt'))
      expect(valueIn(receiptFormat, text).leftBehind).toHaveLength(3)
    expect(valueIn(finishedBuildsFormat, readFormat('finished-builds', '856cae7.json')).builds).toHaveLength(
      2,
    )
    expect(valueIn(switchNoteFormat, readFormat('switch-note', '690fc8f-paused.json'))).toMatchObject({
      pause: { forMs: 900_000 },
    })
  })

  it('is read where its format is somebody else’s, or a flat one', async () => {
    for (const [, text] of readFormats('known-hosts')) expect(parseKnownHosts(text)).toHaveLength(2)
    for (const [, text] of readFormats('user-conf')) expect(parseUserConf(text).remoteOnly).toBe(true)
    const dir = mkdtempSync(join(tmpdir(), 'formats-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    for (const [name, text] of readFormats('secrets')) {
      writeFileSync(join(dir, name), text, { mode: 0o600 })
      expect(await createSecretFile(join(dir, name)).read()).toMatchObject({
        'monitor-key': expect.any(String),
      })
    }
  })

  it('is what it is of the scripts on builders, of which those of the first version are told apart', () => {
    const [first = ''] = readFormat('probe', '690fc8f.txt').split('\n')
    expect(probeProtocolVersion(first)).toBe(1)
    const [hello = '', sample = ''] = readFormat('probe', 'df82b4b.txt').split('\n')
    expect(probeProtocolVersion(hello)).toBe(2)
    expect(parseProbe(sample)).toMatchObject({ cpus: 2, nixVersion: '2.8.0' })
    for (const line of readFormat('collect', '559d171.txt').trimEnd().split('\n'))
      expect(parseCollectLine(line)).toBeDefined()
  })
})

/** Without these there is nothing to be done with it. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'builder-record': ['id', 'login', 'provision'],
  'switch-note': ['id', 'kind', 'since'],
  receipt: ['jobId', 'kind', 'builderId', 'leftBehind'],
  substituters: ['ids'],
  'finished-builds': ['builds'],
  window: ['place'],
}

describe('a document', () => {
  it.each(Object.entries(formats))('says its version from now on: %s', (kind, format) => {
    const [[, text = ''] = []] = readFormats(kind)
    const written = writeDocument(format, valueIn(format, text))
    expect(JSON.parse(written).version).toBe(format.version)
    expect(Object.values(recordVersions)).toContain(format.version)
    expect(format.migrations).toHaveLength(format.version - 1)
    expect(valueIn(format, written)).toEqual(valueIn(format, text))
  })

  it.each(everyFile)('keeps what is not known of it when all else is changed: $kind, $name', (one) => {
    const raw: unknown = JSON.parse(one.text)
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return
    const { format } = one
    const text = JSON.stringify({ ...raw, mood: { good: [1, null] } })
    const reading = readDocument(format, text)
    if (reading.is !== 'read') throw new Error('it was not read')
    expect(reading.value).not.toHaveProperty('mood')
    const written = JSON.parse(writeDocument(format, { ...reading.value, more: 1 }, reading))
    expect(written).toMatchObject({ mood: { good: [1, null] }, more: 1 })
  })

  it.each(Object.entries(formats))(
    'of a later version is read as far as it is understood: %s',
    (kind, format) => {
      const [[, text = ''] = []] = readFormats(kind)
      const written = JSON.parse(writeDocument(format, valueIn(format, text)))
      const later = JSON.stringify({ ...written, version: 99, new: true })
      const reading = readDocument(format, later)
      if (reading.is !== 'read') throw new Error('it was not read')
      expect(reading.value).toEqual(valueIn(format, text))
      expect(JSON.parse(writeDocument(format, reading.value, reading))).toMatchObject({
        version: 99,
        new: true,
      })
    },
  )

  it.each(everyFile)('is read without any one field that it can do without: $kind, $name', (one) => {
    const raw: unknown = JSON.parse(one.text)
    if (!isRecord(raw)) return
    const whole = valueIn(one.format, one.text)
    for (const name of Object.keys(raw)) {
      const { [name]: _, ...rest } = raw
      const reading = readDocument(one.format, JSON.stringify(rest))
      if (needed[one.kind]?.includes(name)) expect(reading, name).toMatchObject({ is: 'unfit' })
      else if (reading.is === 'read')
        expect({ ...whole, ...reading.value, [name]: 0 }).toEqual({ ...whole, [name]: 0 })
      else expect(reading, name).toMatchObject({ is: 'read' })
    }
  })

  it('never throws, whatever JSON stands there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(formats)), fc.jsonValue(), (format, value) => {
        readDocument(format, JSON.stringify(value))
      }),
    )
  })
})

describe('a file of a later version', () => {
  it.each([
    ['builders/anna.json', 'builder-record'],
    ['switches/anna.json', 'switch-note'],
    ['receipts/7uraay5pjysk.json', 'receipt'],
    ['substituters.json', 'substituters'],
    ['preferences.json', 'preferences'],
    ['finished-builds.json', 'finished-builds'],
  ] as const)('is changed and not set aside, and keeps what it says besides: %s', async (path, kind) => {
    const dir = mkdtempSync(join(tmpdir(), 'later-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    mkdirSync(join(dir, dirname(path)), { recursive: true })
    const text =
      readFormats(kind).findLast(([, one]) => isRecord(JSON.parse(one)))?.[1] ?? '{"ids": ["anna"]}'
    const later = { ...JSON.parse(text), version: 99, mood: { good: [1, null] } }
    writeFileSync(join(dir, path), JSON.stringify(later))
    const records = createRecords({ dir, onTrouble: () => expect.fail('it was set aside') })
    await records.update('anna', (record) => ({ ...record, address: 'changed' }))
    await records.updateSwitchNote('anna', (note) =>
      note?.kind === 'paused' && note.pause ? { ...note, pause: { ...note.pause, forMs: 77 } } : note,
    )
    for (const receipt of await records.receipts())
      await records.putReceipt({ ...receipt, address: 'changed' })
    if (kind === 'substituters') await records.updateSubstituters((ids) => [...ids, 'changed'])
    if (kind === 'preferences')
      await createPreferences({ dir }).update((now) => ({ ...now, longBuildMinutes: 77 }))
    if (kind === 'finished-builds') {
      const finished = createFinishedBuilds({ dir, log: { write: () => undefined } })
      await finished.write((await finished.read()).map((build) => ({ ...build, name: 'changed' })))
    }
    const written = readFileSync(join(dir, path), 'utf8')
    expect(written).toMatch(/changed|77/)
    expect(JSON.parse(written)).toMatchObject({ version: 99, mood: { good: [1, null] } })
    expect(readdirSync(join(dir, dirname(path)))).toEqual([basename(path)])
  })
})

describe('preferences', () => {
  it('are each the usual one where they are missing or no good, and leave the others be', () => {
    const read = (document: object) => valueIn(preferencesFormat, JSON.stringify(document))
    expect(read({})).toEqual(defaultPreferences)
    expect(
      read({ longBuildMinutes: 0, suspend: false, notifications: { lost: false, diskLow: 'no' } }),
    ).toEqual({
      ...defaultPreferences,
      suspend: false,
      notifications: { ...defaultPreferences.notifications, lost: false },
    })
  })
})

describe('a builder’s record', () => {
  const whole = (): Record<string, unknown> => JSON.parse(readFormat('builder-record', '690fc8f.json'))

  it('is read without whatever of it is not understood, but for the login and the provisioning', () => {
    for (const name of Object.keys(whole())) {
      const text = JSON.stringify({ ...whole(), [name]: { by: 'a later version' } })
      const isNeeded = ['id', 'login', 'provision'].includes(name)
      const reading = readDocument(builderRecordFormat, text)
      // A map of texts is one, whatever it holds; using it says what is missing.
      expect(reading.is === 'read').toBe(!isNeeded || name === 'provision')
    }
  })

  it('keeps on disk what it does not understand, though it knows the name', () => {
    const text = JSON.stringify({ ...whole(), proof: { by: 'a later version' } })
    const reading = readDocument(builderRecordFormat, text)
    if (reading.is !== 'read') throw new Error('it was not read')
    expect(reading.value.proof).toBeUndefined()
    const { address } = reading.value
    const written = writeDocument(
      builderRecordFormat,
      { ...reading.value, address: `${address}.lan` },
      reading,
    )
    expect(JSON.parse(written)).toMatchObject({ proof: { by: 'a later version' }, address: 'easy@anna.lan' })
  })
})

describe('the person’s data, cut anywhere', () => {
  const [[, text = ''] = []] = readFormats('builder-record')

  it('is damaged at each byte, and never half of what it was', () => {
    for (const { format, text: whole } of everyFile)
      for (let size = 0; size < whole.trimEnd().length; size++)
        expect(readDocument(format, whole.slice(0, size)).is).toBe('damaged')
  })

  it('is read without a word of it, and takes no other file with it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cut-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    for (const [folder, kind] of [
      ['builders', 'builder-record'],
      ['switches', 'switch-note'],
      ['receipts', 'receipt'],
    ] as const) {
      const [[, good = ''] = []] = readFormats(kind)
      mkdirSync(join(dir, folder))
      for (let size = 0; size < good.trimEnd().length; size += 7)
        writeFileSync(join(dir, folder, `cut-${size}.json`), good.slice(0, size))
      const { id, jobId } = JSON.parse(good)
      writeFileSync(join(dir, folder, `${id ?? jobId}.json`), good)
    }
    writeFileSync(join(dir, 'substituters.json'), '{"version": 2, "ids": ["an')
    writeFileSync(join(dir, 'install-id'), '')
    const records = createRecords({ dir, onTrouble: () => undefined })
    expect(await records.builders()).toHaveLength(1)
    expect(await records.switchNotes()).toHaveLength(1)
    expect(await records.receipts()).toHaveLength(1)
    expect(await records.substituters()).toEqual([])
    const id = await records.installId()
    expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(await createRecords({ dir }).installId()).toBe(id)
    const cut = readdirSync(join(dir, 'builders')).filter((name) => name.endsWith('.broken'))
    expect(await records.unreadable()).toHaveLength(cut.length)
    expect(cut.length).toBe(Math.ceil(text.trimEnd().length / 7))
    expect(readFileSync(join(dir, 'builders', 'cut-700.json.broken'), 'utf8')).toBe(text.slice(0, 700))
  })
})
