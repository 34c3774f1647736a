import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTold } from '../../../../main/adapters/data/told'
import { keptLog } from '../../../fakes/kept-log'

const slow = { state: 'slow', since: '2026-11-24T00:00:00.000Z' } as const

describe('what the app says of its builders', () => {
  let dir: string
  let nowMs: number
  const open = () => createTold({ dir, log: keptLog(), nowMs: () => nowMs })
  const path = () => join(dir, 'told.json')
  const rewrite = (change: object) =>
    writeFileSync(path(), JSON.stringify({ ...JSON.parse(readFileSync(path(), 'utf8')), ...change }))

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'millwright-told-'))
    nowMs = Date.now()
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('is heard by another program while the app lives, and no more once it has ended well', async () => {
    await open().write({ anna: slow })
    expect(await open().read()).toEqual({ anna: slow })
    await open().clear()
    expect(await open().read()).toEqual({})
  })

  it('holds nobody up where a pipe stands in its place', { timeout: 5_000 }, async () => {
    spawnSync('mkfifo', [path()])
    expect(await open().read()).toEqual({})
  })

  it('is not heard from an app that crashed, or was silent for too long', async () => {
    await open().write({ anna: slow })
    const { pid } = spawnSync('true')
    rewrite({ pid })
    expect(await open().read()).toEqual({})
    await open().write({ anna: slow })
    nowMs += 7 * 60_000
    expect(await open().read()).toEqual({})
    nowMs -= 8 * 60_000 // A clock that was set back.
    expect(await open().read()).toEqual({})
  })

  it('is left out where it is not understood', async () => {
    await open().write({ anna: slow })
    const builders = { anna: slow, otto: { ...slow, state: 'dreaming' }, '../etc': slow }
    rewrite({ builders })
    expect(await open().read()).toEqual({ anna: slow })
    rewrite({ version: 2 })
    expect(await open().read()).toEqual({})
    writeFileSync(path(), '{')
    expect(await open().read()).toEqual({})
  })
})
