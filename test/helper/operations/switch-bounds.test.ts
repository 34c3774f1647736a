import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mostCallsAtOnce, SwitchRequest } from '../../../contract/helper'
import { switchBounds } from '../../../helper/operations/switch-bounds'
import { switchOperations } from '../../../helper/operations/switch-operations'
import { activate, writeGeneration } from '../../../helper/state/generations'
import { emptyState } from '../../../helper/state/state'
import { takeLock } from '../../../helper/system/lock'
import { letIn } from '../../../helper/system/places'
import type { System } from '../../../helper/system/system'
import { hasProgram } from '../../differential/programs'
import { quietContext, registered, temporarySystem } from '../builder'

const requests: { readonly [Op in SwitchRequest['op']]: Extract<SwitchRequest, { op: Op }> } = {
  status: { op: 'status' },
  'read-daemon': { op: 'read-daemon' },
  'set-enabled': { op: 'set-enabled', id: 'anna', enabled: false },
  'set-many-enabled': { op: 'set-many-enabled', ids: ['anna'], enabled: false },
  ping: { op: 'ping', id: 'anna' },
  'ping-line': { op: 'ping-line', line: 'a'.repeat(64) },
  prove: { op: 'prove', id: 'anna' },
  'use-new-key': { op: 'use-new-key', id: 'anna' },
  'drop-new-key': { op: 'drop-new-key', id: 'anna' },
}
const ops = SwitchRequest.options.map(({ entries }) => entries.op.literal)
const locks = { change: 'lock', reading: 'reading', trial: 'trial-of-anna' } as const

describe.skipIf(!hasProgram('flock'))('a call without a password (needs flock)', () => {
  let system: System

  beforeEach(() => {
    vi.stubEnv('PKEXEC_UID', '1000')
    system = { ...temporarySystem(), lockCommand: ['flock', '--wait', '0.1'] }
    for (const folder of [system.runDirectory, `${system.nixConfigDirectory}/millwright`])
      mkdirSync(folder, { recursive: true })
    writeGeneration(system, {
      ...{ ...emptyState, version: 1, generation: 1, operation: 'test', at: '2026-01-01T00:00:00.000Z' },
      builders: [registered('anna')],
    })
    activate(system, 1)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(system.top, { recursive: true })
  })

  const perform = <Op extends SwitchRequest['op']>(op: Op) =>
    switchOperations[op](quietContext(system), requests[op])

  it.each(ops)('%s is answered so often a minute', async (op) => {
    const now = Date.now()
    const calls = Array.from({ length: 120 }, () => now)
    writeFileSync(`${system.runDirectory}/${switchBounds[op].counter}.json`, JSON.stringify(calls))
    await expect(perform(op)).rejects.toMatchObject({ reason: 'rate-limited' })
  })

  it.each(ops)('%s waits for the one before it, and not for long', async (op) => {
    const name = op === 'ping-line' ? 'trial-of-line-aaaaaaaaaaaa' : locks[switchBounds[op].oneAtATime]
    const held = await takeLock(system, name, system.lockCommand)
    const refusal = await perform(op).catch((error: unknown) => error)
    await held?.release()
    expect(held).toBeDefined()
    const isChange = switchBounds[op].oneAtATime === 'change'
    expect(refusal).toMatchObject(isChange ? { code: 'LOCKED' } : { reason: 'busy' })
  })

  it.each(ops)('%s ends after ten minutes at most', (op) => {
    expect(switchBounds[op].longestMs).toBeLessThanOrEqual(600_000)
  })

  it('is not even read where so many are answered already; an administrator’s is', async () => {
    const places = Array.from({ length: mostCallsAtOnce }, () => letIn(system))
    await Promise.all(places)
    await expect(letIn(system)).rejects.toMatchObject({ reason: 'rate-limited' })
    vi.unstubAllEnvs()
    await expect(letIn(system)).resolves.toBeUndefined()
  })
})

describe('a call that does not end', () => {
  it('is ended when its time is up, with one result', () => {
    const script = ['--import', 'tsx', 'test/helper/operations/overdue-call.ts']
    const anybody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
    const { stdout, status } = spawnSync(process.execPath, script, {
      ...{ ...anybody, input: '{"op":"status"}', encoding: 'utf8', timeout: 60_000 },
    })
    const results = stdout.split('\n').filter((line) => line.includes('"result"'))
    expect(results).toEqual([expect.stringContaining('not done after 0.3 s')])
    expect(status).toBe(1)
  })
})
