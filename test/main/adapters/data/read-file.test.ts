import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyUserSettings } from '../../../../core/nix/user-conf'
import { createPreferences } from '../../../../main/adapters/data/preferences'
import { readPlainText, readPlainTextSync } from '../../../../main/adapters/data/read-file'
import { createRecords } from '../../../../main/adapters/data/records'
import { createSecretFile } from '../../../../main/adapters/data/secret-file'
import { createSeries } from '../../../../main/adapters/data/series'
import { openIfPlain } from '../../../../main/adapters/data/window-bounds'
import { createUserConf } from '../../../../main/adapters/nix/user-conf'
import { createLog } from '../../../../main/adapters/system/log'
import { toFailure } from '../../../../main/failures'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'read-file-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const mebibyte = 2 ** 20
const noLog = { write: () => undefined }

/** What may stand where a file should, each by how it is put there. */
const obstacles: Readonly<Record<string, (path: string) => void>> = {
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a folder': (path) => mkdirSync(path),
  'larger than 8 MiB': (path) => {
    writeFileSync(path, '')
    truncateSync(path, 100 * mebibyte)
  },
}

describe.each(Object.entries(obstacles))('%s in the place of a file', (what, put) => {
  it('is told as what it is, at once', async () => {
    const path = join(dir, 'file')
    put(path)
    await expect(readPlainText(path)).rejects.toThrow(`${path} is ${what}`)
    expect(() => readPlainTextSync(path)).toThrow(`${path} is ${what}`)
  })

  it('is set aside where a record should be, and takes no other with it', async () => {
    const records = createRecords({ dir })
    await records.putReceipt({
      jobId: 'one',
      kind: 'add',
      builderId: 'anna',
      address: 'admin@anna.lan',
      startedAt: '2026-01-01T00:00:00.000Z',
      leftBehind: [],
    })
    put(join(dir, 'receipts', 'bad.json'))
    expect((await records.receipts()).map(({ jobId }) => jobId)).toEqual(['one'])
    expect(readdirSync(join(dir, 'receipts')).sort()).toEqual(['bad.json.broken', 'one.json'])
  })

  it('leaves the settings as usual', async () => {
    const usual = await createPreferences({ dir: join(dir, 'none') }).read()
    put(join(dir, 'preferences.json'))
    expect(await createPreferences({ dir }).read()).toEqual(usual)
  })

  it('leaves the window where it usually is', () => {
    const path = join(dir, 'window.json')
    put(path)
    expect(openIfPlain(path, () => ({ store: JSON.parse(readFileSync(path, 'utf8')) })).store).toEqual({})
  })

  it('holds no chart, no key and no line of the log up', async () => {
    for (const name of ['anna.series', 'secrets.json', 'app.log']) put(join(dir, name))
    createLog({ folder: dir, name: 'app' }).write('app-started', { version: '1' })
    const series = createSeries({ dir, log: noLog })
    expect(await series.read('anna', 'hour', Date.now())).toMatchObject({ points: [] })
    const secrets = createSecretFile(join(dir, 'secrets.json'))
    expect(await secrets.read().catch(toFailure)).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' })
  })

  it('is as good as no nix.conf to look at', async () => {
    put(join(dir, 'nix.conf'))
    const readSettings = () => Promise.reject(new Error('nothing is asked'))
    const conf = createUserConf({ folder: dir, lockBeside: join(dir, 'lock'), readSettings })
    expect(await conf.read()).toEqual(emptyUserSettings)
  })
})
