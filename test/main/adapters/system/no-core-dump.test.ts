import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const dumpsHere = readPattern() === 'core'

function readPattern(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim()
  } catch {
    // There is none on macOS.
    return undefined
  }
}

describe.skipIf(process.platform !== 'linux')('a process that crashes', () => {
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-core-'))
    await build({
      ...{ configFile: false, logLevel: 'error', publicDir: false },
      build: {
        ...{ outDir: folder, ssr: resolve('main/adapters/system/no-core-dump.ts') },
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'script.cjs' } },
      },
    })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const crash = (guard: string) => {
    const script = `${guard}
const secret = ['correct', 'horse', 'battery'].join('-') + process.pid
console.log(require('node:fs').readFileSync('/proc/self/coredump_filter', 'utf8').trim())
process.kill(process.pid, 'SIGSEGV')
setTimeout(() => console.log(secret), 1000)`
    const command = 'ulimit -c unlimited; exec "$@"'
    return spawnSync('bash', ['-c', command, 'bash', process.execPath, '-e', script], {
      ...{ cwd: folder, encoding: 'utf8' },
    })
  }

  it('leaves nothing of its memory in a core dump', () => {
    const { stdout } = crash(`require('./script.cjs').leaveNoCoreDump()`)
    expect(stdout).toBe('00000000\n')
    if (!dumpsHere) return
    for (const name of readdirSync(folder).filter((one) => one.startsWith('core'))) {
      expect(readFileSync(join(folder, name)).includes('correct-horse-battery')).toBe(false)
      rmSync(join(folder, name))
    }
  })

  it.runIf(dumpsHere)('would leave it there without that', () => {
    crash('')
    const dumps = readdirSync(folder).filter((one) => one.startsWith('core'))
    const held = dumps.some((name) => readFileSync(join(folder, name)).includes('correct-horse-battery'))
    for (const name of dumps) rmSync(join(folder, name))
    expect(dumps.length === 0 || held).toBe(true)
  })
})
