import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkOwnInstall } from '../../../helper/system/self-check'
import type { System } from '../../../helper/system/system'
import { whyNotTrusted } from '../../../helper/system/trusted-path'
import { temporarySystem } from '../builder'

describe('a path that only root may change', () => {
  let system: System
  let file: string

  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(`${system.top}/a/b`, { recursive: true, mode: 0o755 })
    file = `${system.top}/a/b/file`
    writeFileSync(file, '', { mode: 0o644 })
  })

  afterEach(() => rmSync(system.top, { recursive: true }))

  it('is fine when each part of it is', () => {
    expect(whyNotTrusted(file, system)).toBeUndefined()
  })

  it.each([
    ['the file', 'a/b/file', 0o664],
    ['its folder', 'a/b', 0o775],
    ['a folder further up', 'a', 0o757],
    ['a sticky folder', 'a', 0o1777],
  ])('is not when others can write to %s', (_, part, mode) => {
    chmodSync(`${system.top}/${part}`, mode)
    expect(whyNotTrusted(file, system)).toContain('can be written by others')
    expect(() => checkOwnInstall(system, [file])).toThrow(
      expect.objectContaining({ code: 'INSECURE_INSTALL', reason: 'unsafe-path' }),
    )
  })

  it('is not when it is somebody else’s', () => {
    expect(whyNotTrusted(file, { ...system, owner: 54321 })).toContain('belongs to uid')
  })

  it('is judged by where a link leads', () => {
    mkdirSync(`${system.top}/open`)
    chmodSync(`${system.top}/open`, 0o777)
    writeFileSync(`${system.top}/open/file`, '')
    symlinkSync(`${system.top}/open/file`, `${system.top}/a/link`)
    expect(whyNotTrusted(`${system.top}/a/link`, system)).toContain('/open')
  })

  it('may lead through the store, whose build users cannot touch what is root’s', () => {
    chmodSync(`${system.top}/a`, 0o1775)
    expect(whyNotTrusted(file, { ...system, storeDirectory: `${system.top}/a` })).toBeUndefined()
  })
})
