import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countTests, type TestReport } from '../../scripts/test-counts.mjs'

const modules = resolve(import.meta.dirname, '../../node_modules')
const passes = `it('passes', () => undefined)`
const hook = (name: string) => `${name}(() => { throw new Error('no hosts') })`

describe('the closing line of a run', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-counts-'))
    symlinkSync(modules, join(folder, 'node_modules'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Lets the real test runner run a file of each body and counts its report. */
  function count(...bodies: readonly string[]) {
    const head = `import { afterAll, beforeAll, describe, it } from 'vitest'\n`
    for (const [index, body] of bodies.entries()) {
      writeFileSync(join(folder, `number-${index}.test.ts`), head + body)
    }
    const report = join(folder, 'report.json')
    const words = ['run', '--root', folder, '--reporter=json', `--outputFile.json=${report}`]
    const { status } = spawnSync(process.execPath, [join(modules, 'vitest/vitest.mjs'), ...words])
    return countTests(JSON.parse(readFileSync(report, 'utf8')) as TestReport, status)
  }

  it('counts tests that passed, failed, and were skipped or are to be written', () => {
    const fails = `it('fails', () => { throw new Error('no') })`
    const counts = count(
      [passes, fails, `it.skip('later', () => undefined)`, `it.todo('some day')`].join('\n'),
    )
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 2 })
  })

  it('counts a file that could not be loaded', () => {
    expect(count(`import './nowhere'\n${passes}`)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('counts each such file, beside the tests that failed', () => {
    const noModule = `import './nowhere'`
    const fails = `it('fails', () => { throw new Error('no') })`
    const both = `${hook('afterAll')}\n${fails}`
    const group = `describe('a group', () => { ${hook('beforeAll')}\n${passes} })`
    expect(count(noModule, noModule, fails, both, group)).toEqual({ passed: 0, failed: 6, skipped: 1 })
  })

  it('counts what had to be there before the tests of a file', () => {
    expect(count(`${hook('beforeAll')}\n${passes}`)).toEqual({ passed: 0, failed: 1, skipped: 1 })
  })

  it('counts what had to be there before a group of tests', () => {
    const group = `describe('a group', () => { ${hook('beforeAll')}\n${passes} })`
    expect(count(`${group}\n${passes}`)).toEqual({ passed: 1, failed: 1, skipped: 1 })
  })

  it('counts what failed after the tests', () => {
    expect(count(`${hook('afterAll')}\n${passes}`)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  it('counts an error that no test caught', () => {
    const late = `it('passes too early', () => { setTimeout(() => { throw new Error('late') }) })`
    const waits = `it('waits', () => new Promise((done) => setTimeout(done, 50)))`
    expect(count(`${late}\n${waits}`)).toEqual({ passed: 2, failed: 1, skipped: 0 })
  })
})
