import { appendFileSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activate,
  generationPath,
  pruneGenerations,
  readCurrent,
  readGeneration,
  recoverGenerations,
  renderGeneration,
  writeGeneration,
} from '../../../helper/state/generations'
import type { State } from '../../../helper/state/state'
import { currentLink, ownDirectory, type System } from '../../../helper/system/system'
import { hasProgram, run } from '../../differential/programs'
import { registered, temporarySystem } from '../builder'

const state = (generation: number, builders = [registered('anna')]): State => ({
  ...{ version: 1, generation, at: '2026-01-01T00:00:00.000Z', operation: 'put-builder' },
  ...{ remoteOnly: false, existingBuilders: '@/etc/nix/machines', builders },
})

describe('generations', () => {
  let system: System
  const names = () => readdirSync(ownDirectory(system)).sort()

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(ownDirectory(system), { recursive: true })
    writeGeneration(system, state(1))
    activate(system, 1)
    writeGeneration(system, state(2))
    activate(system, 2)
  })

  afterEach(() => rmSync(system.top, { recursive: true }))

  it('are read as they were written, and one link says which is in force', () => {
    expect(readCurrent(system)).toEqual(state(2))
    expect(readlinkSync(currentLink(system))).toBe('gen-000002')
  })

  it('name what is off to ssh, which must be able to try it, but not to Nix', () => {
    const files = renderGeneration(system, state(3, [registered('anna'), registered('otto', false)]))
    expect(files.machines).toContain('millwright-anna')
    expect(files.machines).not.toContain('otto')
    expect(files.ssh_config).toContain('Host millwright-otto')
    expect(files.known_hosts).toContain('millwright-otto ')
  })

  it.skipIf(!hasProgram('ssh'))(
    'hold nothing at which the ssh of this computer stops, whatever host is meant',
    () => {
      const path = `${generationPath(system, 2)}/ssh_config`
      for (const host of ['millwright-anna', 'elsewhere'])
        expect(run('ssh', ['-T', '-G', '-F', path, host])).toMatchObject({ status: 0, stderr: '' })
    },
  )

  it('are not whole when a file has changed, is missing or stands for another number', () => {
    appendFileSync(`${generationPath(system, 1)}/machines`, '\n')
    expect(readGeneration(system, 1)).toBeUndefined()
    rmSync(`${generationPath(system, 2)}/known_hosts`)
    expect(readGeneration(system, 2)).toBeUndefined()
    expect(readGeneration(system, 9)).toBeUndefined()
  })

  it('that never came into force are deleted, half written ones too', () => {
    writeGeneration(system, state(3))
    mkdirSync(`${ownDirectory(system)}/.gen-000004.millwright-new`)
    symlinkSync('gen-000003', `${ownDirectory(system)}/.current.millwright-new`)
    expect(recoverGenerations(system)).toEqual(state(2))
    expect(names()).toEqual(['current', 'gen-000001', 'gen-000002'])
  })

  it('give way to the newest whole one when the current one is damaged', () => {
    appendFileSync(`${generationPath(system, 2)}/machines`, 'ssh://evil\n')
    expect(recoverGenerations(system)).toEqual(state(1))
    expect(readlinkSync(currentLink(system))).toBe('gen-000001')
    expect(names()).toEqual(['current', 'gen-000001'])
  })

  it('are left alone when none is whole', () => {
    for (const one of [1, 2]) rmSync(`${generationPath(system, one)}/manifest.json`)
    const before = names()
    expect(recoverGenerations(system)).toBeUndefined()
    expect(names()).toEqual(before)
  })

  it('are kept to ten', () => {
    for (let one = 3; one <= 14; one++) writeGeneration(system, state(one))
    pruneGenerations(system)
    expect(names().filter((name) => name.startsWith('gen-'))).toHaveLength(10)
    expect(readGeneration(system, 14)).toBeDefined()
    expect(readGeneration(system, 4)).toBeUndefined()
  })
})
