/**
 * `npm test`: sets the machine up, then lint, types, build and every test there is. Works right after `git clone`.
 * `npm test -- unit` runs that part alone, after set-up and build; the parts are lint, types, unit,
 * programs, world and e2e.
 *
 * The last line counts tests; a step that fails and is no test counts as one failure.
 * Exit status: 0 all passed, 1 something failed, 2 wrong usage.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countTests } from './test-counts.mjs'

const totals = { passed: 0, failed: 0, skipped: 0 }
const broken = []
const times = []

const parts = {
  lint: () => step('lint', 'npm', ['run', '--silent', 'lint']),
  types: () => step('types', 'npm', ['run', '--silent', 'types']),
  unit: () => testProject('unit tests', 'vitest', ['run', '--project', 'unit', '--project', 'window']),
  programs: () => testProject('tests with programs', 'vitest', ['run', '--project', 'programs']),
  world: () => testProject('world tests', 'vitest', ['run', '--project', 'world']),
  e2e: () => testProject('end-to-end tests', 'tsx', ['test/e2e/run.ts']),
}
const needBuild = ['unit', 'programs', 'world', 'e2e']

const asked = process.argv.slice(2)
if (asked.some((name) => !Object.hasOwn(parts, name))) {
  console.error(`usage: npm test [-- ${Object.keys(parts).join(' | ')} …]`)
  process.exit(2)
}
const wanted = Object.keys(parts).filter((name) => asked.length === 0 || asked.includes(name))

runWanted()
console.log(`\nTook: ${times.join(', ')}`)
if (broken.length > 0) console.log(`Failed: ${broken.join(', ')}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = broken.length === 0 && totals.failed === 0 ? 0 : 1

function runWanted() {
  // 2: this machine lacks what only its owner can install; the tests that need it are skipped by name.
  const needsHosts = wanted.includes('world') || wanted.includes('e2e')
  const options = needsHosts ? [] : ['--without-images']
  if (!step('set-up', 'node', ['scripts/setup.mjs', ...options], [0, 2])) return
  for (const name of wanted.filter((name) => !needBuild.includes(name))) parts[name]()
  const tests = wanted.filter((name) => needBuild.includes(name))
  if (tests.length > 0 && step('build', 'npm', ['run', '--silent', 'build']))
    for (const name of tests) parts[name]()
}

/** Runs one step that is no test; an exit status in `fine` counts as done. */
function step(title, command, args, fine = [0]) {
  const isFine = fine.includes(run(title, command, args, fine))
  if (!isFine) totals.failed += 1
  return isFine
}

/** Runs a project of the test runner and adds its counts to the totals. */
function testProject(title, command, args) {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = run(title, command, [...args, ...reporters])
  try {
    const counts = countTests(JSON.parse(readFileSync(report, 'utf8')), status)
    for (const kind of Object.keys(totals)) totals[kind] += counts[kind]
  } catch (error) {
    console.error(`${title}: there is no report to count (${error.message})`)
    totals.failed += 1
    if (status === 0) broken.push(title)
  }
  rmSync(folder, { recursive: true, force: true })
}

/** Returns the exit status, and says how it went and how long it took. */
function run(title, command, args, fine = [0]) {
  const startedMs = Date.now()
  console.log(`\n== ${title}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  const isFine = fine.includes(status)
  const time = `${Math.round((Date.now() - startedMs) / 1000)} s`
  console.log(`== ${title}: ${isFine ? 'done' : 'FAILED'} in ${time}`)
  times.push(`${title} ${time}`)
  if (!isFine) broken.push(title)
  return status
}
