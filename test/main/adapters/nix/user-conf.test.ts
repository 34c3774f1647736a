import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EffectiveSettings } from '../../../../core/nix/effective-settings'
import { emptyUserSettings } from '../../../../core/nix/user-conf'
import { createUserConf, userConfFolder } from '../../../../main/adapters/nix/user-conf'
import { FailureError } from '../../../../main/failures'

const remoteOnly = { ...emptyUserSettings, remoteOnly: true }

const inForce: EffectiveSettings = {
  maxJobs: 1,
  builders: '',
  substituters: [],
  places: {},
  isDaemonsUser: false,
  system: 'x86_64-linux',
  sendsBuilders: false,
  lines: [],
}

function open(readSettings: () => Promise<EffectiveSettings> = async () => inForce) {
  const base = mkdtempSync(join(tmpdir(), 'millwright-user-conf-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const folder = join(base, 'config/nix')
  const nixConf = join(folder, 'nix.conf')
  const own = join(folder, 'millwright.conf')
  const lay = (text: string) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(nixConf, text, 'latin1')
  }
  return {
    base,
    folder,
    nixConf,
    own,
    lay,
    conf: createUserConf({ folder, lockBeside: join(base, 'data/user-conf'), readSettings }),
  }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof FailureError ? error.failure.code : String(error)),
  )

describe('the person’s own Nix configuration', () => {
  it('is asked for, remembered, changed and taken back without a trace', async () => {
    const { base, folder, nixConf, own, conf } = open()
    expect(await conf.read()).toEqual(emptyUserSettings)
    await conf.update(() => remoteOnly)
    expect(await conf.read()).toEqual(remoteOnly)
    expect(readFileSync(nixConf, 'utf8')).toBe('!include millwright.conf\n')
    expect(await conf.files()).toMatchObject([
      { path: own, mode: '0644', owns: 'whole', content: expect.stringContaining('max-jobs = 0') },
      { path: nixConf, owns: 'line', content: '!include millwright.conf\n' },
    ])
    const both = { ...remoteOnly, substituters: ['ssh-ng://millwright-anna?priority=50'] }
    await conf.update(() => both)
    expect(await conf.read()).toEqual(both)
    await conf.update(() => emptyUserSettings)
    expect(await conf.files()).toEqual([])
    expect({ own: existsSync(own), folder: existsSync(folder), base: existsSync(base) }).toEqual({
      own: false,
      folder: false,
      base: true,
    })
  })

  it('is listed: one file of ours, one line in the person’s', async () => {
    const { nixConf, own, conf, lay } = open()
    lay('cores = 2\n')
    expect(await conf.files()).toEqual([])
    await conf.update(() => remoteOnly)
    const mode = (path: string) => `0${(statSync(path).mode & 0o777).toString(8)}`
    expect(await conf.files()).toEqual([
      { path: own, mode: mode(own), owns: 'whole', content: readFileSync(own, 'utf8') },
      { path: nixConf, mode: mode(nixConf), owns: 'line', content: '!include millwright.conf\n' },
    ])
    await conf.update(() => emptyUserSettings)
    expect(await conf.files()).toEqual([])
  })

  it('keeps what was there to the last byte, and its mode', async () => {
    const { nixConf, lay, conf } = open()
    const text = '# caf\xe9\r\ncores = 2'
    lay(text)
    chmodSync(nixConf, 0o604)
    await conf.update(() => remoteOnly)
    expect(readFileSync(nixConf, 'latin1')).toBe(`${text}\n!include millwright.conf`)
    expect(statSync(nixConf).mode & 0o777).toBe(0o604)
    await conf.update(() => emptyUserSettings)
    expect(readFileSync(nixConf, 'latin1')).toBe(text)
    expect(statSync(nixConf).mode & 0o777).toBe(0o604)
  })

  it('leaves a file that was empty, and one that we made and somebody wrote into since', async () => {
    const first = open()
    first.lay('')
    await first.conf.update(() => remoteOnly)
    await first.conf.update(() => emptyUserSettings)
    expect(readFileSync(first.nixConf, 'utf8')).toBe('')

    const second = open()
    await second.conf.update(() => remoteOnly)
    writeFileSync(second.nixConf, 'cores = 1\n', { flag: 'a' })
    await second.conf.update(() => emptyUserSettings)
    expect(readFileSync(second.nixConf, 'utf8')).toBe('cores = 1\n')
    expect(existsSync(second.own)).toBe(false)
  })

  it('is changed as somebody has just saved it', async () => {
    let saves = 0
    const edited = open(async () => {
      if (saves++ === 0) writeFileSync(edited.nixConf, 'cores = 2\n')
      return inForce
    })
    edited.lay('cores = 1\n')
    expect(await codeOf(edited.conf.update(() => remoteOnly))).toBe('done')
    expect(readFileSync(edited.nixConf, 'utf8')).toBe('cores = 2\n!include millwright.conf\n')
  })

  it('does not write over edits that come in each time', async () => {
    let saves = 0
    const edited = open(async () => {
      writeFileSync(edited.nixConf, `cores = ${++saves}\n`)
      return inForce
    })
    edited.lay('cores = 0\n')
    expect(await codeOf(edited.conf.update(() => remoteOnly))).toBe('USER_CONF_CHANGED')
    expect(readFileSync(edited.nixConf, 'utf8')).toBe('cores = 3\n')
    expect(existsSync(edited.own)).toBe(false)
    expect(await edited.conf.read()).toEqual(emptyUserSettings)
  })

  it('writes nothing where Nix cannot read its configuration', async () => {
    const broken = open(() => Promise.reject(new FailureError({ code: 'LOCAL_NIX_CONF_BROKEN', facts: {} })))
    broken.lay('max-jobs=1\n')
    expect(await codeOf(broken.conf.update(() => remoteOnly))).toBe('LOCAL_NIX_CONF_BROKEN')
    expect(readFileSync(broken.nixConf, 'utf8')).toBe('max-jobs=1\n')
    expect(existsSync(broken.own)).toBe(false)
  })

  it('writes nothing when what is in force speaks against it', async () => {
    const { nixConf, own, conf } = open()
    const refused = conf.update(
      () => remoteOnly,
      ({ builders }) => {
        if (builders === '')
          throw new FailureError({ code: 'MODES_CONFLICT', facts: { setting: 'builders' } })
      },
    )
    expect(await codeOf(refused)).toBe('MODES_CONFLICT')
    expect({ nixConf: existsSync(nixConf), own: existsSync(own) }).toEqual({ nixConf: false, own: false })
  })

  it('counts for nothing when somebody took our line out, and is not theirs to lose', async () => {
    const { nixConf, own, conf } = open()
    await conf.update(() => remoteOnly)
    writeFileSync(nixConf, '')
    expect(await conf.read()).toEqual(emptyUserSettings)
    await conf.update(() => emptyUserSettings)
    expect({ nixConf: existsSync(nixConf), own: existsSync(own) }).toEqual({ nixConf: true, own: false })
  })

  it('takes two changes at once, of two processes too, and loses none', async () => {
    const { conf, folder, base } = open()
    const terminal = createUserConf({
      folder,
      lockBeside: join(base, 'data/user-conf'),
      readSettings: async () => inForce,
    })
    const anna = 'ssh-ng://millwright-anna'
    await Promise.all([
      conf.update((mine) => ({ ...mine, remoteOnly: true })),
      terminal.update((mine) => ({ ...mine, substituters: [...mine.substituters, anna] })),
      conf.update((mine) => ({ ...mine, substituters: [...mine.substituters, `${anna}-2`] })),
    ])
    const { substituters, ...rest } = await conf.read()
    expect(rest).toEqual({ remoteOnly: true, localOnly: false })
    expect([...substituters].sort()).toEqual([anna, `${anna}-2`])
  })

  it('is where XDG says', () => {
    expect(userConfFolder({ XDG_CONFIG_HOME: '/x' })).toBe('/x/nix')
    expect(userConfFolder({ XDG_CONFIG_HOME: 'x' })).toMatch(/\/\.config\/nix$/)
  })
})
