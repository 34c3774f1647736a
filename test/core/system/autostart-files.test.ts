import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  autostartEntry,
  canBeInEntry,
  canBeInUnit,
  isEntryOn,
  sessionUnit,
} from '../../../core/system/autostart-files'

const has = (program: string) => existsSync(join('/usr/bin', program))
/** What a folder or a word may be called on somebody's disk. */
const name = fc
  .string({
    unit: fc.constantFrom(...'ab ."\'`$\\%~#&;|<>()[]{}*?!^,:+@é'.split('')),
    minLength: 1,
    maxLength: 12,
  })
  .filter((text) => text !== '.' && text !== '..')

describe('what starts Millwright at login', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-autostart-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** A program in a folder of the given name that writes down the words it was started with. */
  function programIn(place: string) {
    const said = join(folder, 'said')
    rmSync(said, { force: true })
    mkdirSync(join(folder, place), { recursive: true })
    const program = join(folder, place, 'run')
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >${said}.new && mv ${said}.new ${said}\n`)
    chmodSync(program, 0o755)
    return { program, said }
  }

  it('is an entry that says what the desktop is to run', () => {
    expect(autostartEntry(['/usr/bin/millwright-desktop'])).toContain(
      '\nExec=/usr/bin/millwright-desktop --hidden\nTryExec=/usr/bin/millwright-desktop\n',
    )
    expect(autostartEntry(['/opt/My Apps/run', '/home/dev/100% $mine'])).toContain(
      '\nExec="/opt/My Apps/run" "/home/dev/100%% \\\\$mine" --hidden\n',
    )
  })

  it('is off when the desktop’s own switch says so', () => {
    const entry = autostartEntry(['/usr/bin/run'])
    expect(isEntryOn(entry)).toBe(true)
    expect(isEntryOn(`${entry}Hidden=true\n`)).toBe(false)
    expect(isEntryOn(entry.replace('enabled=true', 'enabled=false'))).toBe(false)
  })

  it('is not offered for a program that its files cannot name', () => {
    expect(canBeInEntry(['/opt/a=b/run'])).toBe(false)
    expect(canBeInEntry(['/opt/100%/run'])).toBe(false)
    expect(canBeInEntry(['run'])).toBe(false)
    expect(canBeInEntry(['/opt/run', 'two\nlines'])).toBe(false)
    expect(canBeInUnit(['/opt/"a"/run'])).toBe(false)
    expect(canBeInUnit(['/opt/a b/run', 'any "$word" \\ %h'])).toBe(true)
  })

  it.skipIf(!has('gio'))('is run by GLib word for word, whatever the words', () => {
    const entry = join(folder, 'test.desktop')
    const place = name.filter((text) => canBeInEntry([`/${text}`]))
    fc.assert(
      fc.property(place, name, (where, word) => {
        const { program, said } = programIn(where)
        writeFileSync(entry, autostartEntry([program, word]))
        execFileSync('gio', ['launch', entry])
        while (!existsSync(said)) spawnSync('true') // It starts the program and goes.
        expect(readFileSync(said, 'utf8')).toBe(`${program}\n${word}\n--hidden\n`)
      }),
      { numRuns: 60 },
    )
  })

  it.skipIf(!has('desktop-file-validate'))('is an entry by freedesktop’s own validator', () => {
    const entry = join(folder, 'valid.desktop')
    fc.assert(
      fc.property(name, (word) => {
        writeFileSync(entry, autostartEntry(['/opt/run', word]))
        const { stdout } = spawnSync('desktop-file-validate', [entry], { encoding: 'utf8' })
        expect(stdout).toBe('')
      }),
      { numRuns: 60 },
    )
  })

  it.skipIf(!has('systemd-analyze'))('is a unit that systemd finds nothing wrong with', () => {
    const unit = join(folder, 'millwright.service')
    const place = name.filter((text) => canBeInUnit([`/${text}`]))
    fc.assert(
      fc.property(place, name, (where, word) => {
        const { program } = programIn(where)
        writeFileSync(unit, sessionUnit([program, word]))
        const env = { ...process.env, XDG_RUNTIME_DIR: folder }
        const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', '--user', unit], {
          env,
          encoding: 'utf8',
        })
        expect({ said: stdout + stderr, status }).toEqual({ said: '', status: 0 })
      }),
      { numRuns: 20 },
    )
  })
})
