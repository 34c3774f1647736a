import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rootVersions } from '../../../contract/version'
import { tearDown } from '../../../helper/operations/set-up'
import { readStatus } from '../../../helper/operations/status'
import { Refusal } from '../../../helper/protocol/refusal'
import { addIncludes, foreignFiles } from '../../../helper/state/foreign-files'
import {
  activate,
  generationPath,
  readCurrent,
  requireReadableState,
  writeGeneration,
} from '../../../helper/state/generations'
import { prepareOwnDirectory, readOrigin } from '../../../helper/state/origin'
import { changeBuilder, desiredStateOf, type State } from '../../../helper/state/state'
import { nixConfPath, ownDirectory, type System, sshConfigPath } from '../../../helper/system/system'
import { registered, temporarySystem } from '../builder'

const state: State = {
  ...{ version: rootVersions.state, generation: 1, at: '2026-01-01T00:00:00.000Z', operation: 'put-builder' },
  ...{ remoteOnly: false, existingBuilders: '', builders: [registered('anna')] },
}

describe('root’s files of another version', () => {
  let system: System

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(system.nixConfigDirectory, { recursive: true })
    mkdirSync(system.home)
    writeFileSync(nixConfPath(system), 'cores = 2\n')
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    writeGeneration(system, state)
    addIncludes(system)
    activate(system, 1)
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  /** As another helper would have written it, manifest and all. */
  const rewriteState = (change: (document: Record<string, unknown>) => unknown) => {
    const folder = generationPath(system, 1)
    const text = JSON.stringify(change(JSON.parse(readFileSync(`${folder}/state.json`, 'utf8'))))
    const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8'))
    writeFileSync(`${folder}/state.json`, text)
    const hash = createHash('sha256').update(text).digest('hex')
    writeFileSync(`${folder}/manifest.json`, JSON.stringify({ ...manifest, 'state.json': hash }))
  }
  const reasonOf = (work: () => unknown) => {
    try {
      work()
      return undefined
    } catch (error) {
      return error instanceof Refusal ? error.reason : error
    }
  }
  const clean = () => {
    expect(readFileSync(nixConfPath(system), 'utf8')).toBe('cores = 2\n')
    expect(existsSync(ownDirectory(system))).toBe(false)
  }

  it('are not touched when a later helper wrote them, and no earlier generation is taken for them', () => {
    rewriteState((document) => ({ ...document, version: 9, builders: { by: 'id' } }))
    expect(reasonOf(() => requireReadableState(system))).toBe('state-newer')
    expect(reasonOf(() => readStatus(system))).toBe('state-newer')
    expect(readlinkSync(`${ownDirectory(system)}/current`)).toBe('gen-000001')
    tearDown(system)
    clean()
  })

  it('keep what this helper does not know, in the state and of each builder', () => {
    rewriteState((document) => ({
      ...document,
      mood: 'good',
      builders: [{ ...registered('anna'), colour: 'red' }],
    }))
    const read = readCurrent(system)
    if (!read) throw new Error('it was not read')
    expect(readStatus(system).builders).toMatchObject([{ id: 'anna' }])
    writeGeneration(system, {
      ...{ version: 1, generation: 2, at: state.at, operation: 'set-enabled' },
      ...changeBuilder(desiredStateOf(read), 'anna', { enabled: false }),
    })
    expect(JSON.parse(readFileSync(`${generationPath(system, 2)}/state.json`, 'utf8'))).toMatchObject({
      mood: 'good',
      operation: 'set-enabled',
      builders: [{ id: 'anna', enabled: false, colour: 'red' }],
    })
  })

  it('are taken back whatever is left of the note of what was not there before', () => {
    const path = `${ownDirectory(system)}/origin.json`
    const whole = readFileSync(path)
    for (let size = 0; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size))
      expect(() => readOrigin(system)).not.toThrow()
    }
    writeFileSync(path, '')
    tearDown(system)
    clean()
    // It was not there, as no copy of it was kept.
    expect(existsSync(sshConfigPath(system))).toBe(false)
  })

  it('leave no line behind where our whole folder was deleted', () => {
    rmSync(ownDirectory(system), { recursive: true })
    tearDown(system)
    clean()
    expect(readFileSync(sshConfigPath(system), 'utf8')).toBe('')
    expect(readdirSync(dirname(nixConfPath(system)))).toEqual(['nix.conf'])
  })
})
