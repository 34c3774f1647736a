import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tearDown } from '../../../helper/operations/set-up'
import {
  addIncludes,
  checkForeignFiles,
  foreignFiles,
  hasIncludes,
  removeIncludes,
} from '../../../helper/state/foreign-files'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import {
  currentLink,
  nixConfPath,
  ownDirectory,
  type System,
  sshConfigPath,
  thisSystem,
} from '../../../helper/system/system'
import { temporarySystem } from '../builder'

describe('the files of others', () => {
  let system: System
  const set = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  const add = () => {
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    addIncludes(system)
  }

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(dirname(system.nixConfigDirectory), { recursive: true })
    mkdirSync(system.home)
  })

  afterEach(() => rmSync(system.top, { recursive: true }))

  it('get one line of ours: the last in nix.conf, the first in the SSH configuration', () => {
    set(nixConfPath(system), 'cores = 2\n')
    set(sshConfigPath(system), 'Host *\n  User x\n')
    add()
    expect(readFileSync(nixConfPath(system), 'utf8')).toBe(
      `cores = 2\n!include ${currentLink(system)}/nix.conf\n`,
    )
    expect(readFileSync(sshConfigPath(system), 'utf8')).toMatch(/^Include .*\/current\/ssh_config\nHost \*\n/)
    expect(readFileSync(`${ownDirectory(system)}/before-nix.conf`, 'utf8')).toBe('cores = 2\n')
  })

  it('are made and removed again with their folders where there were none', () => {
    add()
    expect(statSync(dirname(sshConfigPath(system))).mode & 0o777).toBe(0o700)
    tearDown(system)
    expect([system.nixConfigDirectory, dirname(sshConfigPath(system))].filter(existsSync)).toEqual([])
  })

  it('stay when somebody has added to what we made', () => {
    add()
    writeFileSync(sshConfigPath(system), `${readFileSync(sshConfigPath(system), 'utf8')}Host mine\n`)
    tearDown(system)
    expect(readFileSync(sshConfigPath(system), 'utf8')).toBe('Host mine\n')
  })

  it('come back byte for byte, whatever is in them, with their mode', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.uint8Array(),
        fc.constantFrom(0o644, 0o600, 0o640),
        (conf, ssh, mode) => {
          set(nixConfPath(system), conf)
          set(sshConfigPath(system), ssh)
          chmodSync(nixConfPath(system), mode)
          add()
          removeIncludes(system)
          expect(readFileSync(nixConfPath(system))).toEqual(Buffer.from(conf))
          expect(readFileSync(sshConfigPath(system))).toEqual(Buffer.from(ssh))
          expect(statSync(nixConfPath(system)).mode & 0o777).toBe(mode)
          tearDown(system)
        },
      ),
      { numRuns: 50 },
    )
  }, 60_000)
})

describe('the files of a system that a rebuild makes', () => {
  let system: System
  const stored = (name: string, text: string) => {
    const path = `${system.top}/made/${name}`
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  const rebuild = (extra: { readonly nixConf?: string; readonly sshConfig?: string } = {}) => {
    for (const [path, name, text] of [
      [`${system.top}/etc/nix/nix.conf`, 'nix.conf', `builders = \n${extra.nixConf ?? ''}`],
      [`${system.top}/etc/ssh/ssh_config`, 'ssh_config', `${extra.sshConfig ?? ''}Host *\n`],
    ] as const) {
      mkdirSync(dirname(path), { recursive: true })
      rmSync(path, { force: true })
      symlinkSync(stored(name, text), path)
    }
  }
  const paths = () => foreignFiles(system).map(({ path }) => path)
  const add = () => {
    prepareOwnDirectory(system, paths())
    addIncludes(system)
  }
  const declared = {
    nixConf: '!include TOP/var/lib/millwright/current/nix.conf\n',
    sshConfig: 'Include TOP/var/lib/millwright/current/ssh_config\n',
  }
  const declare = () =>
    rebuild({
      nixConf: declared.nixConf.replace('TOP', system.top),
      sshConfig: declared.sshConfig.replace('TOP', system.top),
    })

  beforeEach(() => {
    const { top } = temporarySystem()
    mkdirSync(`${top}/etc`, { recursive: true })
    mkdirSync(`${top}/root`)
    mkdirSync(`${top}/var/lib`, { recursive: true })
    writeFileSync(`${top}/etc/NIXOS`, '')
    system = { ...thisSystem(top, process.getuid?.() ?? 0), top }
    rebuild()
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  it('are left alone: our lines go into root’s own', () => {
    expect(paths()).toEqual([`${system.top}/root/.config/nix/nix.conf`, `${system.top}/root/.ssh/config`])
    expect(ownDirectory(system)).toBe(`${system.top}/var/lib/millwright`)
    add()
    expect(readFileSync(nixConfPath(system), 'utf8')).toBe(declared.nixConf.replace('TOP', system.top))
    expect(readFileSync(`${system.top}/etc/nix/nix.conf`, 'utf8')).toBe('builders = \n')
    tearDown(system)
    expect(readdirSync(`${system.top}/root`)).toEqual([])
    expect(readdirSync(`${system.top}/var/lib`)).toEqual([])
  })

  it('that declare Millwright are as good as our lines, and stay', () => {
    declare()
    expect(hasIncludes(system)).toBe(true)
    add()
    expect(readdirSync(`${system.top}/root`)).toEqual([])
    tearDown(system)
    expect(readFileSync(`${system.top}/etc/nix/nix.conf`, 'utf8')).toContain('millwright')
  })

  it('may come to declare it later: our lines in root’s own go with the last builder all the same', () => {
    add()
    declare()
    expect(paths()).toEqual([`${system.top}/etc/nix/nix.conf`, `${system.top}/etc/ssh/ssh_config`])
    tearDown(system)
    expect(readdirSync(`${system.top}/root`)).toEqual([])
  })

  it('of which another configuration makes root’s own are refused by name', () => {
    const path = `${system.top}/root/.config/nix/nix.conf`
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(stored('home.conf', 'cores = 1\n'), path)
    expect(() =>
      checkForeignFiles({ ...system, storeDirectory: `${realpathSync(system.top)}/made` }),
    ).toThrow(/is a link to .*home\.conf/)
  })
})
