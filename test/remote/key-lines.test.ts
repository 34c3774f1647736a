import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProvisionParameters } from '../../contract/remote'
import { parseInspection } from '../../core/provision/inspect'
import { inspectScript, provisionScript, rekeyScript, unprovisionScript } from '../../core/scripts/script'
import { scripts } from '../world/kit/remote-kit'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(([program = '']) => has(program))
const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`

/** One entry for this very account: who made it, under which name, and the key that builds come in by. */
interface Entry {
  readonly install: string
  readonly builder: string
  readonly buildKey: string
}
const anna: Entry = { install: '0123abcd', builder: 'anna', buildKey: key('A') }
const otto: Entry = { install: '0123abcd', builder: 'otto', buildKey: key('O') }
const stranger: Entry = { install: '89abcdef', builder: 'anna', buildKey: key('S') }

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('key lines under %s', (_, shell) => {
  let home: string
  const keysFile = () => join(home, '.ssh/authorized_keys')
  const lines = () =>
    existsSync(keysFile()) ? readFileSync(keysFile(), 'utf8').split('\n').filter(Boolean) : []
  const tags = () => lines().flatMap((line) => /(?: millwright\S+)+$/.exec(line)?.[0].trim() ?? [])
  const isProvisioned = () => existsSync(join(home, '.local/share/millwright/bin/millwright-serve'))

  const run = (script: string) => {
    const [file = '', ...args] = shell
    const env = { HOME: home, PATH: process.env.PATH }
    const { stdout, stderr } = spawnSync(file, [...args, '-s'], { input: script, encoding: 'utf8', env })
    expect(stderr).toBe('')
    return stdout
  }
  const parametersOf = ({ install, builder }: Entry): ProvisionParameters => ({
    ...{ mode: 'own', run_as: 'login', install, builder, user: 'me', nix_bin: '/usr/bin' },
    ...{ way_in: '', way_program: '', way_store: '' },
    ...{ conf_file: '/etc/nix/nix.conf', trust: '', socket_group: '', scripts_hash: '01234567' },
    ...{ monitor_key: key('M'), collect_key: key('C') },
  })
  const add = (entry: Entry, ownsUntagged = false) => {
    const { buildKey } = entry
    const script = provisionScript(scripts, parametersOf(entry), { buildKey, ownsUntagged }, 'n')
    expect(run(script)).toMatch(/^mw-n done$/m)
  }
  const remove = (entry: Entry, { knowsKey = true, ownsUntagged = false } = {}) => {
    const known = { buildKey: knowsKey ? entry.buildKey : '', ownsUntagged }
    const said = run(unprovisionScript(scripts, parametersOf(entry), known, 'n'))
    expect(said).toMatch(/^mw-n done$/m)
    return said.includes('kept') ? 'kept' : 'gone'
  }
  /** Rewrites an entry's lines as versions did that named no builder. */
  const asBefore = ({ builder }: Entry) => {
    const text = readFileSync(keysFile(), 'utf8')
    writeFileSync(keysFile(), text.replaceAll(` millwright-${builder} `, ' '))
  }

  const rekey = (entry: Entry, act: 'beside' | 'only', letters: string, ownsUntagged = false) => {
    const [build = '', monitor = '', collect = ''] = letters
    const keys = { build: key(build), monitor: key(monitor), collect: key(collect) }
    const lines = { buildKey: entry.buildKey, ownsUntagged }
    return run(rekeyScript(scripts, parametersOf(entry), lines, { act, keys }, 'n'))
  }
  /** The keys of an entry's lines, a letter each, in the order of the file. */
  const lettersOf = ({ install, builder }: Entry) =>
    lines()
      .filter((line) => line.includes(` millwright-${builder} millwright:${install}:`))
      .map((line) => /ssh-ed25519 (.)/.exec(line)?.[1])
      .join('')

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'key-lines-'))
    mkdirSync(join(home, '.ssh'))
    writeFileSync(keysFile(), `${key('P')} me@home\n`)
  })
  afterEach(() => {
    expect(lines()).toEqual([`${key('P')} me@home`])
    expect(isProvisioned()).toBe(false)
    rmSync(home, { recursive: true })
  })

  it.each([
    ['two entries of one installation', anna, otto],
    ['two computers that call it the same', anna, stranger],
  ])('of %s never touch each other', (_, one, other) => {
    add(one)
    add(other)
    expect(lines()).toHaveLength(7)
    // As versions that name no builder know them, who keep the account for them.
    expect(lines().filter((line) => / millwright:[0-9a-f]+:[a-z]+$/.test(line))).toHaveLength(6)
    add(one)
    expect(lines()).toHaveLength(7)
    expect(remove(one)).toBe('kept')
    expect(tags()).toEqual(
      ['build', 'monitor', 'collect'].map(
        (role) => `millwright-${other.builder} millwright:${other.install}:${role}`,
      ),
    )
    expect(isProvisioned()).toBe(true)
    expect(remove(other)).toBe('gone')
  })

  it('that an earlier version wrote go with the builder whose key they hold, and with no other', () => {
    add(otto)
    asBefore(otto)
    add(anna)
    expect(lines()).toHaveLength(7)
    expect(remove(anna)).toBe('kept')
    expect(lines()).toHaveLength(4)
    expect(remove(otto)).toBe('gone')
  })

  it('that an earlier version wrote get the name when that builder is set up anew', () => {
    add(anna)
    asBefore(anna)
    add(anna)
    expect(lines()).toHaveLength(4)
    expect(tags()).toEqual(
      ['build', 'monitor', 'collect'].map((role) => `millwright-anna millwright:0123abcd:${role}`),
    )
    expect(remove(anna)).toBe('gone')
  })

  it('that an earlier version wrote go also where nobody knows the key, if there is no other entry', () => {
    add(anna)
    asBefore(anna)
    expect(remove(anna, { knowsKey: false })).toBe('kept')
    expect(lines()).toHaveLength(4)
    expect(remove(anna, { knowsKey: false, ownsUntagged: true })).toBe('gone')
  })

  it('of new keys come beside the old ones, then alone, or go again; of others none is touched', () => {
    add(otto)
    add(anna)
    for (const _ of 'twice') expect(rekey(anna, 'beside', 'XYZ')).toMatch(/^mw-n done$/m)
    expect(lettersOf(anna)).toBe('AMCXYZ')
    rekey(anna, 'only', 'AMC')
    expect(lettersOf(anna)).toBe('AMC')
    // A key that an earlier try has left goes with the old ones.
    rekey(anna, 'beside', 'XYZ')
    rekey(anna, 'beside', 'RST')
    for (const _ of 'twice') rekey(anna, 'only', 'RST')
    expect(lettersOf(anna)).toBe('RST')
    expect(lettersOf(otto)).toBe('OMC')
    remove(otto)
    remove({ ...anna, buildKey: key('R') })
  })

  it('that an earlier version wrote are found by the key in force, and named', () => {
    add(anna)
    asBefore(anna)
    rekey(anna, 'beside', 'XYZ')
    rekey(anna, 'only', 'XYZ')
    expect(lettersOf(anna)).toBe('XYZ')
    remove({ ...anna, buildKey: key('X') })
  })

  it('of new keys are written nowhere where the builder is not set up', () => {
    expect(rekey(anna, 'beside', 'XYZ')).toMatch(/^mw-n error not-provisioned /m)
    add(otto)
    expect(rekey(anna, 'beside', 'XYZ')).toMatch(/^mw-n error not-provisioned /m)
    expect(lines()).toHaveLength(4)
    remove(otto)
  })

  it('are seen by the look with the builder that they name, or none', () => {
    add(otto)
    asBefore(otto)
    add(anna)
    const { stdout } = spawnSync('sh', ['-s'], {
      input: inspectScript(scripts, 'n'),
      encoding: 'utf8',
      env: { HOME: home, PATH: process.env.PATH },
    })
    const looked = parseInspection({ code: 0, stdout, stderr: '' }, 'n')
    const found = looked.ok ? looked.value.keys.filter(({ install }) => install === '0123abcd') : []
    expect(found.map(({ builder, role }) => `${builder ?? 'none'} ${role}`)).toEqual([
      ...['none build', 'none monitor', 'none collect'],
      ...['anna build', 'anna monitor', 'anna collect'],
    ])
    expect(found[3]?.key).toBe('A'.repeat(68))
    remove(otto)
    remove(anna)
  })
})
