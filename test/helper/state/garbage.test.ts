import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTrail } from '../../../helper/audit/trail'
import { asReadByDaemon } from '../../../helper/daemon/daemon-record'
import { configureOperations } from '../../../helper/operations/configure-operations'
import { switchOperations } from '../../../helper/operations/switch-operations'
import { resultOf } from '../../../helper/protocol/result-of'
import { addIncludes, foreignFiles } from '../../../helper/state/foreign-files'
import { activate, writeGeneration } from '../../../helper/state/generations'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import { emptyState } from '../../../helper/state/state'
import { enforceRateLimit } from '../../../helper/system/rate-limit'
import { nixConfPath, ownDirectory, type System } from '../../../helper/system/system'
import { hasProgram } from '../../differential/programs'
import { quietContext, registered, temporarySystem } from '../builder'

const status = { op: 'status' } as const
const remove = { op: 'remove-builder', id: 'anna' } as const
const uninstall = { op: 'uninstall' } as const
/** What stands in a place by an accident of the disk: other JSON, other bytes, more than there was. */
const garbage = fc.oneof(
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(400).map((length) => Buffer.alloc(length)),
  fc
    .constantFrom('{"version":1}', '[1e999]', '{"startedMs":"now"}', '\n', '0')
    .map((text) => Buffer.from(text)),
)

describe.skipIf(!hasProgram('flock'))('garbage in a file of root’s (needs flock)', () => {
  let system: System
  let aside: string
  let files: readonly string[]

  beforeEach(() => {
    vi.stubEnv('PKEXEC_UID', '1000')
    system = temporarySystem()
    for (const folder of [
      system.nixConfigDirectory,
      system.home,
      system.runDirectory,
      `${system.top}/var/log`,
    ])
      mkdirSync(folder, { recursive: true })
    writeFileSync(nixConfPath(system), 'cores = 2\n')
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    mkdirSync(`${ownDirectory(system)}/keys`)
    writeFileSync(`${ownDirectory(system)}/keys/anna`, 'a key')
    for (const generation of [1, 2]) {
      const at = '2026-01-01T00:00:00.000Z'
      const said = { ...emptyState, version: 1, generation, operation: 'put-builder', at } as const
      writeGeneration(system, { ...said, builders: [registered('anna')] })
    }
    addIncludes(system)
    activate(system, 2)
    for (const counter of ['switch-calls', 'readings'] as const) enforceRateLimit(system, counter)
    asReadByDaemon(system, Date.now() + 10_000, [], undefined)
    for (const log of ['helper.log', 'configure.log'] as const) refusedCall(log)
    files = filesBelow(system.top)
    aside = `${system.top}.aside`
    cpSync(system.top, aside, { recursive: true, verbatimSymlinks: true })
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    for (const folder of [system.top, aside]) rmSync(folder, { recursive: true })
  })

  const filesBelow = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // These are somebody else's, and what they say counts.
      .filter((path) => ![nixConfPath(system), `${system.home}/.ssh/config`].includes(path))
  const restore = () => {
    for (const name of readdirSync(system.top)) rmSync(join(system.top, name), { recursive: true })
    cpSync(aside, system.top, { recursive: true, verbatimSymlinks: true })
  }
  const refusedCall = (log: 'helper.log' | 'configure.log') =>
    createTrail(system, log, 'test', status).end({ type: 'result', code: 'INVALID', reason: 'grammar' })
  /** How it ended, in the words that a caller gets: its own, never an error of the program. */
  const ending = async (what: string, work: () => Promise<unknown>) => {
    const result = await work().then(
      () => ({ code: 'OK' }) as const,
      (error: unknown) => resultOf(error),
    )
    if ('reason' in result) expect(result, what).not.toMatchObject({ reason: 'internal' })
    return result
  }
  const tryAll = async (what: string) => {
    await ending(what, () => switchOperations.status(quietContext(system), status))
    asReadByDaemon(system, Date.now(), [nixConfPath(system)], undefined)
    for (const log of ['helper.log', 'configure.log'] as const)
      expect(refusedCall(log).code, what).toBe('INVALID')
    await ending(what, () => configureOperations['remove-builder'](quietContext(system), remove))
    const taken = await ending(what, () => configureOperations.uninstall(quietContext(system), uninstall))
    expect(taken, what).toEqual({ code: 'OK' })
    expect(existsSync(ownDirectory(system)), what).toBe(false)
    expect(readFileSync(nixConfPath(system), 'utf8'), what).toBe('cores = 2\n')
    const calling = await ending(what, () => switchOperations.status(quietContext(system), status))
    expect(calling, what).toEqual({ code: 'OK' })
  }

  it('is in the way of nobody, nor is what a cut has left, and all is taken back', async () => {
    for (const path of files) {
      const whole = readFileSync(path.replace(system.top, aside))
      const cuts = [whole.length >> 1, whole.length - 1].filter((size) => size >= 0)
      for (const bytes of [...cuts.map((size) => whole.subarray(0, size)), ...fc.sample(garbage, 5)]) {
        restore()
        writeFileSync(path, bytes)
        await tryAll(`${path}: ${JSON.stringify(bytes.toString('latin1'))}`)
      }
    }
  }, 240_000)
})
