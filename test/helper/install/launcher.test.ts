import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launcher } from '../../../helper/install/launcher'

const told = `const { readFileSync } = require('node:fs')
if (process.argv.length > 2) console.log(process.argv[2])
else console.log(readFileSync('/proc/self/limits', 'utf8'))`

describe.skipIf(process.platform !== 'linux')('the first lines of a program', () => {
  let folder: string
  let program: string
  const shells = ['dash', 'bash', 'busybox'].filter((shell) => spawnSync('which', [shell]).status === 0)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-launcher-'))
    program = join(folder, 'program')
    symlinkSync(process.execPath, join(folder, 'node'))
    writeFileSync(program, launcher(folder, 'program') + told)
    chmodSync(program, 0o755)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const runIn = (shell: string, before: string) => {
    const interpreter = shell === 'busybox' ? 'busybox sh' : shell
    return spawnSync('sh', ['-c', `${before}; exec ${interpreter} "$0"`, program], { encoding: 'utf8' })
  }

  it.each(shells)('lift what a caller has limited, in %s', (shell) => {
    const before = 'ulimit -c unlimited; ulimit -S -f 0; ulimit -S -t 7; ulimit -S -v 900000; ulimit -S -n 20'
    const { stdout, stderr } = runIn(shell, before)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/Max file size +unlimited/)
    expect(stdout).toMatch(/Max cpu time +unlimited/)
    expect(stdout).toMatch(/Max address space +unlimited/)
    expect(stdout).toMatch(/Max open files +1024/)
    expect(stdout).toMatch(/Max core file size +0 +0/)
  })

  const isRoot = process.getuid?.() === 0
  const canLift = isRoot && spawnSync('bash', ['-c', 'ulimit -t 9; ulimit -t unlimited']).status === 0
  it.runIf(isRoot).each(shells)(
    'let root change nothing below a limit that it cannot lift, in %s',
    (shell) => {
      const { stdout } = runIn(shell, 'ulimit -f 8; ulimit -t 9')
      if (canLift) expect(stdout).toMatch(/Max file size +unlimited/)
      else expect(JSON.parse(stdout)).toMatchObject({ type: 'result', reason: 'limits-held' })
    },
  )

  it('hand every argument on, for the program to refuse', () => {
    expect(execFileSync(program, ['--help'], { encoding: 'utf8' })).toBe('--help\n')
  })

  it('are a comment to Node, and end where the program begins', () => {
    expect(readFileSync(program, 'utf8').split('\n').slice(-3).join('\n')).toBe(told)
  })
})
