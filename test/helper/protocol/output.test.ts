import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Says far more than a pipe or a socket holds, and then the result. */
const talk = `const { openOutput } = require('./output.cjs')
const output = openOutput(1)
output.say({ type: 'hello', transaction: 't', euid: 0, version: '1', protocol: 1 })
for (let n = 0; n < 300; n++) output.say({ type: 'step', name: String(n).padEnd(1000, 'x') })
require('node:fs').writeFileSync(process.argv[2], 'done')
output.finish({ type: 'result', code: 'OK', detail: 'y'.repeat(200000) }, Number(process.argv[3] ?? 10000))
process.exit(0)`

describe.skipIf(process.platform === 'win32')('what the helper says', () => {
  let folder: string
  let script: string
  let mark: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-output-'))
    await build({
      ...{ configFile: false, logLevel: 'error', publicDir: false },
      build: {
        ...{ outDir: folder, ssr: resolve('helper/protocol/output.ts') },
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'output.cjs' } },
      },
    })
    script = join(folder, 'talk.cjs')
    mark = join(folder, 'done')
    writeFileSync(script, talk)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const linesOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line): { type: string } => JSON.parse(line))
  const inShell = (command: string) =>
    spawnSync('bash', ['-c', command, process.execPath, script, mark], { encoding: 'utf8', timeout: 20_000 })

  it('is in whole lines, begins with the first and ends with the result, however slowly it is read', async () => {
    const child = spawn(process.execPath, [script, mark], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of child.stdout) {
      text += chunk
      await new Promise((next) => setTimeout(next, 5))
    }
    const lines = linesOf(text)
    expect(lines[0]).toMatchObject({ type: 'hello' })
    expect(lines.at(-1)).toMatchObject({ type: 'result', code: 'OK' })
    expect(lines.filter(({ type }) => type === 'result')).toHaveLength(1)
  })

  it.each([
    ['a socket', '"$0" "$1" "$2" 300'],
    ['a pipe', 'mkfifo "$1.fifo"; exec 3<>"$1.fifo"; "$0" "$1" "$2" 300 >&3; rm "$1.fifo"'],
    ['a pipe whose other end is closed', '"$0" "$1" "$2" 300 | :'],
    ['a full disk', '"$0" "$1" "$2" 300 >/dev/full'],
    ['nothing', '"$0" "$1" "$2" 300 >&-'],
  ])('is never waited for, be it read by nobody: %s', async (_, command) => {
    rmSync(mark, { force: true })
    const start = performance.now()
    const child = spawn('bash', ['-c', command, process.execPath, script, mark], {
      stdio: ['ignore', 'pipe', 'ignore'], // and nobody reads it
    })
    await new Promise((ended) => child.on('exit', ended))
    expect(performance.now() - start).toBeLessThan(8000)
    expect(readFileSync(mark, 'utf8')).toBe('done')
  })

  it('goes to a file whole', () => {
    const { status } = inShell('"$0" "$1" "$2" >"$1.out"')
    expect(status).toBe(0)
    const lines = linesOf(readFileSync(`${script}.out`, 'utf8'))
    expect(lines).toHaveLength(302)
    expect(lines.at(-1)).toMatchObject({ type: 'result' })
  })

  it('leaves the pipe of whoever called as it was for others', () => {
    // A descriptor that does not wait would have the second writer fail while the reader sleeps.
    const { stdout, stderr } = inShell('{ "$0" "$1" "$2"; head -c 500000 /dev/zero; } | { sleep 1; wc -c; }')
    expect(stderr).toBe('')
    expect(Number(stdout)).toBeGreaterThan(700_000)
  })
})
