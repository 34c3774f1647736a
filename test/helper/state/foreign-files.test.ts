import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tearDown } from '../../../helper/operations/set-up'
import { addIncludes, foreignFiles, removeIncludes } from '../../../helper/state/foreign-files'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import {
  currentLink,
  nixConfPath,
  ownDirectory,
  type System,
  sshConfigPath,
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
