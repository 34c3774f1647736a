import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyUserSettings } from '../../../core/nix/user-conf'
import { tearDown } from '../../../helper/operations/set-up'
import { personSystem } from '../../../helper/person/person-system'
import { addIncludes, checkForeignFiles, foreignFiles } from '../../../helper/state/foreign-files'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import { readExistingBuilders } from '../../../helper/system/local-nix'
import { currentLink, type System } from '../../../helper/system/system'
import { createUserConf } from '../../../main/adapters/nix/user-conf'

describe('the files of whoever owns the store', () => {
  let home: string
  let system: System
  const conf = () => join(home, '.config/nix/nix.conf')
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  const everything = () => readdirSync(home, { recursive: true, encoding: 'utf8' }).sort()
  const add = () => {
    checkForeignFiles(system)
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    addIncludes(system)
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'millwright-person-'))
    const folders = { config: join(home, '.config'), data: join(home, '.local/share/millwright') }
    system = { ...personSystem(folders, { XDG_RUNTIME_DIR: '/nonexistent' }), home }
  })
  afterEach(() => rmSync(home, { recursive: true }))

  it('come and go whole where nothing was there, not even the folders', () => {
    add()
    expect(read(conf())).toBe(`!include ${currentLink(system)}/nix.conf\n`)
    expect(read(join(home, '.ssh/config'))).toBe(`Include ${currentLink(system)}/ssh_config\n`)
    tearDown(system)
    expect(everything()).toEqual([])
  })

  it('keep all that was there, whoever else may write it', () => {
    mkdirSync(join(home, '.config/nix'), { recursive: true, mode: 0o775 })
    writeFileSync(conf(), 'cores = 2\n', { mode: 0o664 })
    const before = everything()
    add()
    expect(read(conf())).toBe(`cores = 2\n!include ${currentLink(system)}/nix.conf\n`)
    tearDown(system)
    expect(read(conf())).toBe('cores = 2\n')
    expect(everything()).toEqual(before)
  })

  it('leave the last word to what the person has switched for themselves', () => {
    mkdirSync(join(home, '.config/nix'), { recursive: true })
    writeFileSync(conf(), 'cores = 2\n!include millwright.conf\n')
    add()
    addIncludes(system)
    expect(read(conf())).toBe(
      `cores = 2\n!include ${currentLink(system)}/nix.conf\n!include millwright.conf\n`,
    )
    tearDown(system)
    expect(read(conf())).toBe('cores = 2\n!include millwright.conf\n')
  })

  it.each(['the builders', 'the switches'])(
    'are gone with whichever is taken back last where both were made here, %s first',
    async (first) => {
      const folder = join(home, '.config/nix')
      const settings = { maxJobs: 1, builders: 'x', substituters: [], system: 'x86_64-linux' }
      const effective = { ...settings, places: {}, isDaemonsUser: false, sendsBuilders: false, lines: [] }
      const userConf = createUserConf({
        ...{ folder, lockBeside: join(home, '.lock'), readSettings: async () => effective },
      })
      const addSwitch = () => userConf.update((now) => ({ ...now, remoteOnly: true }))
      const dropSwitch = () => userConf.update(() => emptyUserSettings)
      for (const last of ['the builders', 'the switches']) {
        await (first === 'the builders' ? add() : addSwitch())
        await (first === 'the builders' ? addSwitch() : add())
        await (last === 'the builders' ? dropSwitch() : tearDown(system))
        await (last === 'the builders' ? tearDown(system) : dropSwitch())
        expect(everything(), last).toEqual([])
      }
    },
  )

  it('name the builders of their own after those of the system', () => {
    const told: Record<string, string> = {}
    const existing = () => readExistingBuilders(system, (path) => told[path])
    expect(existing()).toBe('@/etc/nix/machines')
    told['/etc/nix/nix.conf'] = 'builders = @/etc/nix/others\n'
    expect(existing()).toBe('@/etc/nix/others')
    told[conf()] = `builders = ssh://carl\n!include ${currentLink(system)}/nix.conf\n`
    told[`${currentLink(system)}/nix.conf`] = 'builders = ours\n'
    expect(existing()).toBe('ssh://carl')
  })
})
