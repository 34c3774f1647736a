/**
 * `npm test`: sets the machine up, then lint, types, build and every test there is. Works right after
 * `git clone`. Exit status: 0 all passed, 1 something failed.
 *
 * `npm test -- unit` (or `world`, `e2e`) runs that project alone.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const wanted = process.argv.slice(2)
const totals = { passed: 0, failed: 0, skipped: 0 }
const broken = []

/** Runs one step; an exit status in `fine` counts as done. */
function step(title, command, args, fine = [0]) {
  const startedMs = Date.now()
  console.log(`\n== ${title}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  const isFine = fine.includes(status ?? 1)
  const seconds = Math.round((Date.now() - startedMs) / 1000)
  console.log(`== ${title}: ${isFine ? 'done' : 'FAILED'} in ${seconds} s`)
  if (!isFine) broken.push(title)
  return isFine
}

/** Runs a project of the test runner and adds its counts to the totals. */
function testProject(title, command, args) {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-test-'))
  const report = join(folder, 'report.json')
  step(title, command, [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    totals.passed += numPassedTests
    totals.failed += numFailedTests
    totals.skipped += numPendingTests + numTodoTests
  } catch {
    totals.failed += 1
    broken.push(`${title} (no report)`)
  }
  rmSync(folder, { recursive: true, force: true })
}

const all = {
  unit: () => testProject('unit tests', 'npx', ['vitest', 'run', '--project', 'unit']),
  world: () => testProject('world tests', 'npx', ['vitest', 'run', '--project', 'world']),
  e2e: () => testProject('end-to-end tests', 'npx', ['tsx', 'test/e2e/run.ts']),
}

// 2: this machine lacks what only its owner can install; the tests that need it are skipped by name.
if (step('set-up', 'node', ['scripts/setup.mjs'], [0, 2])) {
  if (wanted.length === 0) {
    step('lint', 'npx', ['biome', 'check', '.'])
    step('types', 'npm', ['run', '--silent', 'types'])
  }
  if (step('build', 'npm', ['run', '--silent', 'build'])) {
    for (const name of wanted.length > 0 ? wanted : Object.keys(all)) all[name]?.()
  }
}

if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = broken.length === 0 && totals.failed === 0 ? 0 : 1
