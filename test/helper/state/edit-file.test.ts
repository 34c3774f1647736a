import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from '../../../helper/protocol/refusal'
import { editFile } from '../../../helper/state/edit-file'

describe('changing a file of somebody else’s', () => {
  let folder: string
  let path: string
  const append = (text: string) => `${text}ours\n`
  const refusalOf = (work: () => void) => {
    try {
      work()
      return undefined
    } catch (error) {
      return error instanceof Refusal ? error.code : error
    }
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-edit-'))
    path = join(folder, 'nix.conf')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made to what they save between our reading and our writing', () => {
    writeFileSync(path, 'first\n')
    let saves = 0
    const change = (text: string) => {
      if (saves++ === 0) writeFileSync(path, 'second\n')
      return append(text)
    }
    const backups: string[] = []
    editFile(path, { mode: 0o644, change, onRead: (bytes) => backups.push(bytes.toString()) })
    expect(readFileSync(path, 'utf8')).toBe('second\nours\n')
    expect(backups).toEqual(['first\n', 'second\n'])
  })

  it('is made to a file that they make meanwhile, and to none that they take away', () => {
    let saves = 0
    editFile(path, {
      mode: 0o644,
      change: (text) => {
        if (saves++ === 0) writeFileSync(path, 'theirs\n', { mode: 0o640 })
        return append(text)
      },
    })
    expect(readFileSync(path, 'utf8')).toBe('theirs\nours\n')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    saves = 0
    editFile(path, {
      mode: 0o644,
      change: (text) => {
        if (saves++ === 0) rmSync(path)
        return append(text)
      },
    })
    expect(readFileSync(path, 'utf8')).toBe('ours\n')
  })

  it('does not delete what they have just written', () => {
    writeFileSync(path, 'ours\n')
    const change = (text: string) => {
      const rest = text.replace('ours\n', '')
      if (text === 'ours\n') writeFileSync(path, 'ours\ntheirs\n')
      return rest === '' ? undefined : rest
    }
    editFile(path, { mode: 0o644, change })
    expect(readFileSync(path, 'utf8')).toBe('theirs\n')
  })

  it('ends in a conflict where they save again and again, and their last word stands', () => {
    writeFileSync(path, 'first\n')
    let saves = 0
    const change = (text: string) => {
      writeFileSync(path, `save ${++saves}\n`)
      return append(text)
    }
    expect(refusalOf(() => editFile(path, { mode: 0o644, change }))).toBe('CONFLICT')
    expect(readFileSync(path, 'utf8')).toBe('save 3\n')
  })
})
