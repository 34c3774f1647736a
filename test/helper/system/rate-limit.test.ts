import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { enforceRateLimit } from '../../../helper/system/rate-limit'
import type { System } from '../../../helper/system/system'
import { temporarySystem } from '../builder'

describe('calls without a password', () => {
  let system: System

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(system.runDirectory, { recursive: true })
  })

  afterEach(() => rmSync(system.top, { recursive: true }))

  it('are counted, refused beyond the limit, and allowed again a minute later', () => {
    for (let call = 0; call < 120; call++) enforceRateLimit(system, 'switch-calls', 1000 + call)
    expect(() => enforceRateLimit(system, 'switch-calls', 2000)).toThrow(
      expect.objectContaining({ reason: 'rate-limited' }),
    )
    expect(() => enforceRateLimit(system, 'switch-calls', 61_200)).not.toThrow()
  })

  it('use up nothing of another kind of call', () => {
    for (let call = 0; call < 120; call++) enforceRateLimit(system, 'readings', 1000 + call)
    expect(() => enforceRateLimit(system, 'readings', 2000)).toThrow()
    expect(() => enforceRateLimit(system, 'switch-calls', 2000)).not.toThrow()
  })

  it('are not held up by a clock that was set back, or a file that is no list', () => {
    for (let call = 0; call < 120; call++) enforceRateLimit(system, 'switch-calls', 9e12)
    expect(() => enforceRateLimit(system, 'switch-calls', 1000)).not.toThrow()
    writeFileSync(`${system.runDirectory}/switch-calls.json`, '{')
    expect(() => enforceRateLimit(system, 'switch-calls', 1000)).not.toThrow()
  })
})
