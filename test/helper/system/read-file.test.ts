import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAbsence, readPlainText, readStartOfPlainFile } from '../../../helper/system/read-file'

describe('a file that root reads', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-read-'))
    path = join(folder, 'file')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const errorOf = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      return error
    }
  }

  it('is read whole, also by a link that root made', () => {
    writeFileSync(path, 'whole')
    symlinkSync(path, `${path}.link`)
    expect(readPlainText(`${path}.link`)).toBe('whole')
  })

  it.each([
    ['a FIFO', () => spawnSync('mkfifo', [path])],
    ['a folder', () => mkdirSync(path)],
    ['a device', () => symlinkSync('/dev/zero', path)],
    ['a link to itself', () => symlinkSync(path, path)],
    ['nothing', () => undefined],
  ])('is not waited for where there is %s in its place', (_, make) => {
    make()
    const start = performance.now()
    expect(isAbsence(errorOf(() => readPlainText(path)))).toBe(true)
    expect(readStartOfPlainFile(path, 10)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('is told apart from one that cannot be read for now', () => {
    const full = Object.assign(new Error('EMFILE: too many open files, open'), {
      code: 'EMFILE',
      syscall: 'open',
    })
    expect(isAbsence(full)).toBe(false)
  })

  it('of somebody else’s is read from its start, and by no link', () => {
    writeFileSync(path, 'first words and more')
    symlinkSync(path, `${path}.link`)
    expect(readStartOfPlainFile(path, 11)?.toString()).toBe('first words')
    expect(readStartOfPlainFile(`${path}.link`, 11)).toBeUndefined()
  })
})
