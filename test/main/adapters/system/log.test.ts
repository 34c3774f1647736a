import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dataFolder, logFolder } from '../../../../main/adapters/system/folders'
import { createLateLog } from '../../../../main/adapters/system/late-log'
import { createLog } from '../../../../main/adapters/system/log'
import { keptLog } from '../../../fakes/kept-log'

let parent: string
let folder: string
const modeOf = (path: string) => statSync(path).mode & 0o777

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'log-'))
  folder = join(parent, 'state', 'millwright')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

describe('the log', () => {
  it('is a file for its owner alone, in a folder for its owner alone', () => {
    createLog({ folder, name: 'app' }).write('app-started', { version: '1.2.3' })
    const path = join(folder, 'app.log')
    expect(readFileSync(path, 'utf8')).toMatch(/^\S+Z info app-started version=1\.2\.3\n$/)
    expect([modeOf(folder), modeOf(path)]).toEqual([0o700, 0o600])
  })

  it('is not made before there is something to say', () => {
    createLog({ folder, name: 'app' })
    expect(readdirSync(parent)).toEqual([])
  })

  it('is kept small: a full file becomes an older one, and the oldest goes', () => {
    const log = createLog({ folder, name: 'terminal', maxBytes: 1_000 })
    for (let number = 0; number < 200; number++) log.write('job-started', { job: `job-${number}` })
    const files = readdirSync(folder).sort()
    expect(files).toEqual(['terminal.1.log', 'terminal.2.log', 'terminal.3.log', 'terminal.log'])
    for (const file of files) {
      expect(statSync(join(folder, file)).size).toBeLessThan(1_200)
      expect(modeOf(join(folder, file))).toBe(0o600)
    }
    expect(readFileSync(join(folder, 'terminal.log'), 'utf8')).toContain('job=job-199\n')
  })

  it('that cannot be written stops nothing and says nothing on stdout', () => {
    writeFileSync(join(parent, 'state'), 'a file where the folder would be')
    const out = vi.spyOn(console, 'error')
    createLog({ folder, name: 'app' }).write('app-started')
    expect(out).not.toHaveBeenCalled()
    out.mockRestore()
  })

  it('is there when a process dies of what nobody caught', () => {
    for (const [end, event] of [
      ["throw new Error('secret')", 'uncaught-exception'],
      ["Promise.reject(new Error('secret'))", 'unhandled-rejection'],
    ] as const) {
      const code = `
        import { createLog } from './main/adapters/system/log.ts'
        import { logCrashes } from './main/adapters/system/crash-log.ts'
        logCrashes(createLog({ folder: ${JSON.stringify(folder)}, name: 'terminal' }))
        setImmediate(() => { ${end} })`
      const words = ['--import', 'tsx', '--input-type=module', '-e', code]
      const cwd = resolve(import.meta.dirname, '../../../..')
      expect(spawnSync(process.execPath, words, { cwd, encoding: 'utf8' }).status).toBe(1)
      const text = readFileSync(join(folder, 'terminal.log'), 'utf8')
      expect(text).toMatch(new RegExp(`error ${event} error=Error`))
      expect(text).not.toContain('secret')
    }
  })
})

it('a log that is loaded late writes all lines, in their order', async () => {
  const kept = keptLog()
  let isLoaded = () => {}
  const loading = new Promise<void>((resolve) => {
    isLoaded = resolve
  })
  const late = createLateLog(() => loading.then(() => kept))
  late.write('app-started')
  late.write('renderer-gone')
  expect(kept.lines).toEqual([])
  isLoaded()
  await expect.poll(() => kept.lines.length).toBe(2)
  late.write('app-ended')
  expect(kept.lines.map((line) => line.split(' ')[2])).toEqual(['app-started', 'renderer-gone', 'app-ended'])
})

describe('folders', () => {
  it.runIf(process.platform === 'linux')('are those of XDG, where its variables are absolute', () => {
    const home = process.env.HOME
    expect(dataFolder({})).toBe(`${home}/.local/share/millwright`)
    expect(dataFolder({ XDG_DATA_HOME: '/srv/data' })).toBe('/srv/data/millwright')
    expect(dataFolder({ XDG_DATA_HOME: 'here' })).toBe(`${home}/.local/share/millwright`)
    expect(logFolder({})).toBe(`${home}/.local/state/millwright`)
    expect(logFolder({ XDG_STATE_HOME: '/srv/state' })).toBe('/srv/state/millwright')
  })
})
