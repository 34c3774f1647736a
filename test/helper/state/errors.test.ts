import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCurrent } from '../../../helper/state/generations'
import { nixConfPath, type System, thisSystem } from '../../../helper/system/system'

const calls = 'rename,symlink,unlink,unlinkat,rmdir,mkdir,openat,write,fchmod,chmod,fchown,fsync'
const errors = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS'] as const
/** Of all calls that a change makes so many fail, from a place that differs each time; MILLWRIGHT_FAULTS=all: each. */
const isThorough = process.env.MILLWRIGHT_FAULTS === 'all'
const samples = isThorough ? Number.POSITIVE_INFINITY : 8
const limitMs = isThorough ? 3_600_000 : 180_000
const seed = Number(process.env.MILLWRIGHT_SEED ?? Date.now() % 1000)
const hasStrace = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0

describe.skipIf(!hasStrace)('root’s files, where a system call fails (needs strace)', () => {
  let folder: string
  let system: System

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-errors-'))
    system = thisSystem(join(folder, 'root'), process.getuid?.() ?? 0)
    await build({
      ...{ configFile: false, logLevel: 'error', publicDir: false, ssr: { noExternal: true } },
      build: {
        ...{ outDir: join(folder, 'out'), ssr: resolve('test/helper/state/change-files.ts') },
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'script.cjs', codeSplitting: false } },
      },
    })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const run = (verb: string, options: readonly string[]) =>
    spawnSync(
      'strace',
      [
        '-e',
        `trace=${calls}`,
        ...options,
        process.execPath,
        join(folder, 'out/script.cjs'),
        system.top,
        verb,
      ],
      { encoding: 'utf8', timeout: 20_000 },
    ).stdout
  const start = (isAdded: boolean) => {
    rmSync(system.top, { recursive: true, force: true })
    for (const path of ['etc/nix', 'root', 'var/log', 'run'])
      mkdirSync(join(system.top, path), { recursive: true })
    writeFileSync(nixConfPath(system), 'cores = 2\n')
    if (isAdded) run('add', ['-o', '/dev/null'])
  }
  const stateThere = () => {
    expect(readFileSync(nixConfPath(system), 'utf8').startsWith('cores = 2\n')).toBe(true)
    const isThere = existsSync(join(system.nixConfigDirectory, 'millwright/current'))
    const state = readCurrent(system)
    if (!isThere) return 'none'
    return state ? (state.builders[0]?.enabled ? 'on' : 'off') : 'broken'
  }

  /** The calls about files, after the first line that is said, each with which of those about the same file it is. */
  const moments = (verb: string) => {
    const trace = join(folder, 'trace')
    run(verb, ['-y', '-o', trace])
    const counts = new Map<string, number>()
    const lines = readFileSync(trace, 'utf8').split('\n')
    const first = lines.findIndex((line) => line.includes('hello'))
    return lines.flatMap((line, index) => {
      const call = /^(\w+)\(/.exec(line)?.[1]
      const path = (/^\w+\(\d+<(\/[^>]*)>/.exec(line) ?? /"(\/[^"]*)"/.exec(line))?.[1]
      const key = `${call} ${path}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return call && path && index > first ? [{ call, path, nth: counts.get(key) }] : []
    })
  }

  it.each([
    ['adding', 'add', false, ['none', 'off'], 'off'],
    ['switching', 'switch', true, ['off', 'on'], 'on'],
    ['removing', 'remove', true, ['off', 'none'], 'none'],
  ] as const)(
    'are the old or the new ones when %s, with one result each time',
    (_, verb, isAdded, allowed, wanted) => {
      start(isAdded)
      const all = moments(verb)
      expect(all.length).toBeGreaterThan(30)
      const every = Math.max(1, Math.floor(all.length / samples))
      for (const [index, { call, path, nth }] of all.entries()) {
        if (index % every !== seed % every) continue
        const error = errors[(index + seed) % errors.length]
        const when = `${error} at ${call} ${nth} of ${path}, seed ${seed}`
        start(isAdded)
        const said = run(verb, [
          '-o',
          '/dev/null',
          '-P',
          path,
          '-e',
          `inject=${call}:error=${error}:when=${nth}`,
        ])
        const results = said.split('\n').filter((line) => line.includes('"result"'))
        expect(results, when).toHaveLength(1)
        const isDone = JSON.parse(results[0] ?? '{}').code === 'OK'
        expect(isDone ? [wanted] : allowed, `${when}: ${results[0]}`).toContain(stateThere())
        run(verb, ['-o', '/dev/null'])
        expect(stateThere(), when).toBe(wanted)
      }
    },
    limitMs,
  )
})
