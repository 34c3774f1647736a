import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { AddOptions } from '../../contract/commands'
import { findBuilders } from '../../renderer/features/builders/find-builders'
import { emptyForm, readOptions } from '../../renderer/sheet/add-form'
import { jobForSheet } from '../../renderer/sheet/job-for-sheet'
import { someBuilders } from '../fixtures/builders'
import { aJob, offering, questions } from '../fixtures/job'

test('an empty draft asks for nothing', () => {
  expect(readOptions(emptyForm)).toEqual({ ok: true, options: {} })
})

test('what is typed becomes options, numbers as numbers', () => {
  const draft = { ...emptyForm, address: 'otto', id: 'otto', systems: ['x86_64-linux'], maxJobs: '8' }
  expect(readOptions(draft)).toEqual({
    ok: true,
    options: { id: 'otto', systems: ['x86_64-linux'], maxJobs: 8 },
  })
})

test('each wrong option is named, and only those', () => {
  const read = readOptions({
    ...emptyForm,
    id: 'Otto!',
    systems: ['x86_64-linux', 'a b'],
    speedFactor: '1.5',
  })
  expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual(['id', 'speedFactor', 'systems'])
})

test('whatever is typed, options that pass are options that the app accepts', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('', '8', '1e3', '0x10', ' 7', '-1', 'otto', 'ssh'))
  const list = fc.array(fc.oneof(fc.string(), fc.constant('x86_64-linux')), { maxLength: 20 })
  fc.assert(
    fc.property(text, text, text, list, list, (id, maxJobs, speedFactor, systems, supportedFeatures) => {
      const read = readOptions({ ...emptyForm, id, maxJobs, speedFactor, systems, supportedFeatures })
      if (read.ok) expect(v.is(AddOptions, read.options)).toBe(true)
      else expect(Object.keys(read.errors).length).toBeGreaterThan(0)
    }),
    { numRuns: 1000 },
  )
})

test('a job that asks has the sheet before one that runs', () => {
  const asks = questions.password
  expect(jobForSheet([aJob({ id: 'runs' }), asks])).toBe(asks)
})

test('a new attempt has the sheet before the failed one', () => {
  const running = aJob({ id: 'again' })
  expect(jobForSheet([running, aJob({ id: 'first', state: 'failed' })])).toBe(running)
})

test('testing, pausing and resuming have no sheet', () => {
  const kinds = ['test', 'pause', 'resume'] as const
  expect(jobForSheet(kinds.map((kind) => aJob({ kind })))).toBeUndefined()
})

test('offering has the sheet until it signs, which is shown in place', () => {
  const trusting = offering('trust')
  expect(jobForSheet([trusting])).toBe(trusting)
  expect(jobForSheet([offering('sign')])).toBeUndefined()
})

test('freeing space asks in the sheet, works in place and tells in the end how much it was', () => {
  const asks = questions['approve-collect']
  expect(jobForSheet([asks])).toBe(asks)
  const { asked: _, ...job } = asks
  expect(jobForSheet([{ ...job, state: 'running' }])).toBeUndefined()
  const done = { ...job, state: 'done' } as const
  expect(jobForSheet([done])).toBe(done)
  expect(jobForSheet([{ ...job, state: 'cancelled' }])).toBeUndefined()
})

test('whatever left something behind has the sheet', () => {
  const withdrawn = aJob({
    kind: 'withdraw-substituter',
    state: 'done',
    leftBehind: ['The key is still there.'],
  })
  expect(jobForSheet([withdrawn])).toBe(withdrawn)
  expect(jobForSheet([{ ...withdrawn, leftBehind: [] }])).toBeUndefined()
})

test('builders are found by all words, in any of their names, hosts, systems, features and states', () => {
  const ids = (wanted: string) => findBuilders(someBuilders, wanted).map(({ id }) => id)
  expect(ids('')).toHaveLength(someBuilders.length)
  expect(ids('aarch64-linux cuda')).toEqual(['grace'])
  expect(ids('UNREACHABLE')).toEqual(['hetzner-ax'])
  expect(ids('2001:db8')).toEqual(['old-xeon'])
  expect(ids('nothing like it')).toEqual([])
})
