import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
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

  /** setxattr(2) and getxattr(2) by their numbers, as neither Node nor a small Debian has them. */
  const attributeOf = (name: string, hex?: string) => {
    const [set, get] = process.arch === 'arm64' ? [5, 8] : [188, 191]
    // Perl's syscall takes variables alone.
    const script = hex
      ? `my ($p, $n, $v) = ($ARGV[0], "${name}", pack("H*", "${hex}")); exit(syscall(${set}, $p, $n, $v, length $v, 0) != 0)`
      : `my ($p, $n, $v) = ($ARGV[0], "${name}", "\\0" x 999); my $l = syscall(${get}, $p, $n, $v, 999); print unpack("H*", substr($v, 0, $l))`
    return spawnSync('perl', ['-e', script, path], { encoding: 'utf8' })
  }
  const isLinux = process.platform === 'linux' && existsSync('/usr/bin/perl')
  /** Version 2; the owner, uid 1000, the group, the mask, and others. */
  const acl = [
    '02000000',
    '01000600ffffffff',
    '02000400e8030000',
    '04000400ffffffff',
    '10000400ffffffff',
    '20000400ffffffff',
  ]

  it.runIf(isLinux)('keeps its access control list and its extended attributes', (context) => {
    writeFileSync(path, 'theirs\n')
    const wanted = { 'user.note': '6f7572', 'system.posix_acl_access': acl.join('') }
    for (const [name, hex] of Object.entries(wanted)) {
      if (attributeOf(name, hex).status !== 0) return context.skip('this file system has none')
    }
    const { mode } = statSync(path)
    editFile(path, { mode: 0o644, change: append })
    expect(readFileSync(path, 'utf8')).toBe('theirs\nours\n')
    expect(statSync(path).mode).toBe(mode)
    for (const [name, hex] of Object.entries(wanted)) expect(attributeOf(name).stdout, name).toBe(hex)
  })

  it('reads no FIFO, folder or giant in its place', () => {
    spawnSync('mkfifo', [path])
    expect(refusalOf(() => editFile(path, { mode: 0o644, change: append }))).toBe('NEEDS_ATTENTION')
    rmSync(path)
    mkdirSync(path)
    expect(refusalOf(() => editFile(path, { mode: 0o644, change: append }))).toBe('NEEDS_ATTENTION')
    rmSync(path, { recursive: true })
    writeFileSync(path, '')
    truncateSync(path, 64 * 1024 * 1024)
    expect(refusalOf(() => editFile(path, { mode: 0o644, change: append }))).toBe('NEEDS_ATTENTION')
  })
})
