import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RegisteredBuilder } from '../../../contract/builder'
import { dropNewKey, makeNewKey } from '../../../helper/operations/new-key'
import { activate, readCurrent, writeGeneration } from '../../../helper/state/generations'
import { ensureKey, ensureNewKey, useNewKey, withoutComment } from '../../../helper/state/keys'
import { emptyState } from '../../../helper/state/state'
import { keyPath, type System } from '../../../helper/system/system'
import { hasProgram } from '../../differential/programs'
import { quietContext, registered, temporarySystem } from '../builder'

const programs = ['flock', 'ssh', 'ssh-keygen']

describe.skipIf(!programs.every(hasProgram))('a new key of root’s (needs flock, ssh, ssh-keygen)', () => {
  let system: System
  let old: string

  const say = (generation: number, change: Partial<RegisteredBuilder>) => {
    writeGeneration(system, {
      ...{ ...emptyState, version: 1, generation, operation: 'test', at: '2026-01-01T00:00:00.000Z' },
      builders: [{ ...registered('anna'), ...change }],
    })
    activate(system, generation)
  }
  const noted = () => {
    const { buildKey, nextBuildKey } = readCurrent(system)?.builders[0] ?? {}
    return { buildKey, nextBuildKey }
  }
  const make = () => makeNewKey(quietContext(system), { op: 'make-new-key', id: 'anna' })
  const drop = () => dropNewKey(quietContext(system), { op: 'drop-new-key', id: 'anna' })
  const textOf = (publicKey = '') => withoutComment(publicKey)
  const newPath = () => `${keyPath(system, 'anna')}.new`

  beforeEach(async () => {
    system = { ...temporarySystem(), lockCommand: ['flock', '--wait', '5'] }
    for (const folder of [system.runDirectory, `${system.nixConfigDirectory}/millwright`])
      mkdirSync(folder, { recursive: true })
    old = withoutComment(await ensureKey(system, 'anna'))
    say(1, { buildKey: old })
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  it('lies beside the one in force, which stays as it is; asked for again it is the same', async () => {
    const before = readFileSync(keyPath(system, 'anna'))
    const made = textOf((await make()).publicKey)
    expect(made).not.toBe(old)
    expect(noted()).toEqual({ buildKey: old, nextBuildKey: made })
    expect(readFileSync(keyPath(system, 'anna'))).toEqual(before)
    expect(textOf((await make()).publicKey)).toBe(made)
  })

  it('is dropped without a trace while it is not in force', async () => {
    await make()
    expect(textOf((await drop()).publicKey)).toBe(old)
    expect(noted()).toEqual({ buildKey: old, nextBuildKey: undefined })
    expect(existsSync(newPath())).toBe(false)
  })

  it('that was noted by a helper that died before it took the place is not the one in force', async () => {
    const made = withoutComment(await ensureNewKey(system, 'anna'))
    say(2, { buildKey: made })
    expect(textOf((await make()).publicKey)).toBe(made)
    expect(noted()).toEqual({ buildKey: old, nextBuildKey: made })
    say(9, { buildKey: made })
    expect(textOf((await drop()).publicKey)).toBe(old)
    expect(noted()).toEqual({ buildKey: old, nextBuildKey: undefined })
  })

  it('that has taken the place is the one in force, and dropping it says so', async () => {
    const made = withoutComment(await ensureNewKey(system, 'anna'))
    useNewKey(system, 'anna')
    expect(textOf((await drop()).publicKey)).toBe(made)
    expect(noted()).toEqual({ buildKey: made, nextBuildKey: undefined })
  })

  it('is not made to a builder in quarantine', async () => {
    say(2, { buildKey: old, quarantined: true })
    await expect(make()).rejects.toMatchObject({ reason: 'quarantined' })
    expect(existsSync(newPath())).toBe(false)
  })
})
