import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tearDown } from '../../../helper/operations/set-up'
import { readStatus } from '../../../helper/operations/status'
import { resultOf } from '../../../helper/protocol/result-of'
import { addIncludes, foreignFiles } from '../../../helper/state/foreign-files'
import { activate, readCurrent, recoverGenerations, writeGeneration } from '../../../helper/state/generations'
import { prepareOwnDirectory, readOrigin } from '../../../helper/state/origin'
import { emptyState } from '../../../helper/state/state'
import { nixConfPath, ownDirectory, type System, sshConfigPath } from '../../../helper/system/system'
import { registered, temporarySystem } from '../builder'

describe('what is left of root’s files', () => {
  let system: System
  let own: string
  let aside: string

  beforeEach(() => {
    system = temporarySystem()
    own = ownDirectory(system)
    aside = `${system.top}/aside`
    mkdirSync(system.nixConfigDirectory, { recursive: true })
    mkdirSync(system.home)
    writeFileSync(nixConfPath(system), 'cores = 2\n')
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    mkdirSync(`${own}/keys`)
    writeFileSync(`${own}/keys/anna`, 'a key')
    writeFileSync(`${own}/restart-pending`, '')
    for (const generation of [1, 2]) {
      const state = { ...emptyState, builders: [registered('anna')], operation: 'put-builder' }
      writeGeneration(system, { ...state, version: 1, generation, at: '2026-01-01T00:00:00.000Z' })
    }
    addIncludes(system)
    activate(system, 2)
    cpSync(own, aside, { recursive: true, verbatimSymlinks: true })
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  const filesIn = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? filesIn(join(folder, entry.name))
        : entry.isFile()
          ? [join(folder, entry.name)]
          : [],
    )
  const restore = () => {
    rmSync(own, { recursive: true, force: true })
    cpSync(aside, own, { recursive: true, verbatimSymlinks: true })
    addIncludes(system)
  }
  const expectNothingOfOurs = (what: string) => {
    expect(existsSync(own), what).toBe(false)
    expect(readFileSync(nixConfPath(system), 'utf8'), what).toBe('cores = 2\n')
    const left = existsSync(sshConfigPath(system)) ? readFileSync(sshConfigPath(system), 'utf8') : ''
    expect(left, what).toBe('')
  }

  it('is half believed by nobody when any file is cut at any byte', () => {
    const files = filesIn(own).filter((path) => !path.includes('/gen-000001/'))
    for (const path of files) {
      const whole = readFileSync(path)
      const isOfGeneration = path.includes('/gen-') && whole.length > 0
      /** JSON is as whole without the end of its last line. */
      const mayLack = path.endsWith('/manifest.json') ? 1 : 0
      for (let size = 0; size < whole.length; size++) {
        writeFileSync(path, whole.subarray(0, size))
        const cut = `${path} of ${size} bytes`
        expect(() => readOrigin(system), cut).not.toThrow()
        expect(readCurrent(system)?.generation, cut).toBe(
          isOfGeneration && size < whole.length - mayLack ? undefined : 2,
        )
      }
      writeFileSync(path, '')
      expect(readStatus(system).builders, path).toHaveLength(isOfGeneration ? 0 : 1)
      writeFileSync(path, whole)
    }
  }, 120_000)

  it('is taken back when any file is cut', () => {
    for (const name of filesIn(own).map((path) => path.slice(own.length))) {
      const { size } = statSync(`${own}${name}`)
      for (const rest of new Set([0, 1, size >> 1, size - 1].filter((one) => one >= 0))) {
        writeFileSync(`${own}${name}`, readFileSync(`${own}${name}`).subarray(0, rest))
        recoverGenerations(system)
        tearDown(system)
        expectNothingOfOurs(`${name} of ${rest} bytes`)
        restore()
      }
    }
  }, 120_000)

  it.each([
    ['nothing', () => undefined],
    ['a file', () => writeFileSync(own, 'what is this')],
    ['a link to nowhere', () => symlinkSync('/nowhere', own)],
    ['an empty folder', () => mkdirSync(own)],
    ['a folder in place of the link', () => mkdirSync(`${own}/current`, { recursive: true })],
    ['a link to no generation', () => [mkdirSync(own), symlinkSync('gen-9', `${own}/current`)]],
    ['a folder in place of each file', () => mkdirSync(`${own}/origin.json/x`, { recursive: true })],
    ['a folder in place of a mark', () => mkdirSync(`${own}/restart-pending/x`, { recursive: true })],
  ])('is taken back when there is %s', (_, make) => {
    rmSync(own, { recursive: true })
    make()
    expect(readStatus(system).builders).toEqual([])
    recoverGenerations(system)
    tearDown(system)
    expectNothingOfOurs('')
  })
})

describe('an error of the system', () => {
  const told = (code: string, path?: string) =>
    resultOf(Object.assign(new Error(`${code}: it says so, write`), { code, ...(path ? { path } : {}) }))

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'read-only'],
    ['EIO', 'disk-broken'],
    ['EMFILE', 'too-many-files'],
    ['ENFILE', 'too-many-files'],
    ['EXDEV', 'internal'],
    ['constructor', 'internal'],
  ])('%s is told as %s, with the file that it was about', (code, reason) => {
    expect(told(code, '/run/millwright/lock')).toEqual({
      ...{ type: 'result', code: 'NEEDS_ATTENTION', reason },
      detail: `${code}: it says so, write: /run/millwright/lock`,
    })
  })
})
