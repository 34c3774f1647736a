import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HelperRequest, HelperResult } from '../../../contract/helper'
import { note } from '../../../helper/audit/audit-log'
import { countRefusedCall } from '../../../helper/audit/refused-calls'
import { createTrail } from '../../../helper/audit/trail'
import type { System } from '../../../helper/system/system'
import { temporarySystem } from '../builder'

const enable: HelperRequest = { op: 'set-enabled', id: 'anna', enabled: true }
const done: HelperResult = { type: 'result', code: 'OK', generation: 3 }
const refused: HelperResult = { type: 'result', code: 'INVALID', reason: 'no-such-builder', detail: '' }

describe('what a call leaves in root’s log', () => {
  let system: System
  const path = (log = 'helper.log') => `${system.logDirectory}/${log}`
  const lines = (log?: string) =>
    existsSync(path(log))
      ? readFileSync(path(log), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : []
  const trailOf = (request?: HelperRequest, log: 'helper.log' | 'configure.log' = 'helper.log') =>
    createTrail(system, log, 'abc', request)

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(`${system.top}/var/log`, { recursive: true })
    mkdirSync(`${system.top}/run`)
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  it('is an entry before the change and one of how it ended, for root alone to write', () => {
    const trail = trailOf(enable)
    trail.begin('set-enabled')
    trail.begin('set-enabled')
    expect(lines()).toMatchObject([{ transaction: 'abc', op: 'set-enabled', id: 'anna', begun: true }])
    expect(trail.end(done)).toEqual(done)
    expect(lines()).toHaveLength(2)
    expect(lines()[1]).toMatchObject({ op: 'set-enabled', id: 'anna', code: 'OK', generation: 3 })
    expect(statSync(path()).mode & 0o777).toBe(0o640)
  })

  it('names sixteen builders of thousands, and how many there were', () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `builder-${n}`)
    trailOf({ op: 'set-many-enabled', ids, enabled: true }).end(done)
    expect(lines()[0].ids).toEqual(ids.slice(0, 16))
    expect(lines()[0].idCount).toBe(2000)
  })

  it('is one line a minute of what was refused, and that in few words', () => {
    for (let n = 0; n < 100; n++) trailOf(enable).end(refused)
    expect(lines()).toEqual([
      expect.objectContaining({ refused: 1, code: 'INVALID', reason: 'no-such-builder' }),
    ])
    expect(countRefusedCall(system, Date.now() + 61_000)).toBe(100)
    expect(countRefusedCall(system, Date.now() + 61_001)).toBeUndefined()
  })

  it('is all of an administrator’s calls, in a file of their own', () => {
    trailOf(undefined, 'configure.log').end(refused)
    trailOf(enable, 'configure.log').end(refused)
    expect(lines('configure.log')).toHaveLength(2)
    expect(lines()).toEqual([])
  })

  it('begins a new file at a mebibyte, and keeps the one before', () => {
    mkdirSync(system.logDirectory)
    writeFileSync(path(), `${'x'.repeat(1024 * 1024)}\n`)
    trailOf(enable).begin('set-enabled')
    expect(lines()).toHaveLength(1)
    expect(statSync(path('helper.log.1')).size).toBe(1024 * 1024 + 1)
  })

  it('goes on in a line of its own after one that was cut', () => {
    mkdirSync(system.logDirectory)
    writeFileSync(path(), '{"cut')
    note(system, 'helper.log', { transaction: 'abc' })
    expect(JSON.parse(readFileSync(path(), 'utf8').split('\n')[1] ?? '')).toMatchObject({
      transaction: 'abc',
    })
  })

  it.each([
    [
      'the folder is a link',
      () => [mkdirSync(`${system.top}/theirs`), symlinkSync(`${system.top}/theirs`, system.logDirectory)],
    ],
    ['the folder can be written by others', () => mkdirSync(system.logDirectory, { mode: 0o777 })],
    ['the folder is a file', () => writeFileSync(system.logDirectory, '')],
    [
      'the file is a link',
      () => [
        mkdirSync(system.logDirectory, { mode: 0o755 }),
        writeFileSync(`${system.top}/theirs`, 'theirs', { mode: 0o600 }),
        symlinkSync(`${system.top}/theirs`, path()),
      ],
    ],
    ['there is a folder in its place', () => mkdirSync(path(), { recursive: true, mode: 0o755 })],
  ])('keeps a change from being made where %s', (_, spoil) => {
    const umask = process.umask(0)
    spoil()
    process.umask(umask)
    const refusal = { code: 'NEEDS_ATTENTION', reason: 'not-noted' }
    expect(() => trailOf(enable).begin('set-enabled')).toThrow(expect.objectContaining(refusal))
    // After a change it is too late for that, and no reason to say that there was none.
    expect(trailOf(enable).end(done)).toMatchObject({ code: 'OK', warning: expect.stringContaining('log') })
    if (existsSync(`${system.top}/theirs`) && statSync(`${system.top}/theirs`).isFile())
      expect(readFileSync(`${system.top}/theirs`, 'utf8')).toBe('theirs')
  })
})
