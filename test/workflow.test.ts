import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')

/** What is used here of GitHub's workflow syntax. */
const Step = v.union([v.object({ uses: v.string() }), v.object({ run: v.string() })])
const Workflow = v.object({
  jobs: v.record(v.string(), v.object({ 'timeout-minutes': v.number(), steps: v.array(Step) })),
})
const workflow = v.parse(Workflow, parse(read('.github/workflows/ci.yml')))
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
const runs = steps.flatMap((step) => ('run' in step ? [step.run] : []))
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

describe('the workflow', () => {
  it.each(runs.filter((run) => run.startsWith('npm ')))('%s exists', (run) => {
    const [, verb = '', ...words] = run.split(' ')
    expect(scripts).toHaveProperty([verb === 'run' ? (words[0] ?? '') : verb])
    const parts = words.slice(words.indexOf('--') + 1)
    for (const part of verb === 'test' ? parts : [])
      expect(read('scripts/test.mjs')).toContain(`\n  ${part}: `)
  })

  it('runs lint, types and unit tests, and everything', () => {
    expect(runs).toEqual(expect.arrayContaining(['npm test -- lint types unit programs', 'npm test']))
  })

  it('takes every action in a version that is named', () => {
    for (const step of steps) if ('uses' in step) expect(step.uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/)
  })

  it('needs no secrets', () => {
    expect(read('.github/workflows/ci.yml')).not.toMatch(/secrets\./)
  })
})
