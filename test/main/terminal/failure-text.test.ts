import { expect, it } from 'vitest'
import { createFailure } from '../../../core/failures/failure'
import { exitStatusOf, failureText } from '../../../main/terminal/text/failure-text'

it('a failure ends the command with the status that its row names', () => {
  expect(exitStatusOf(createFailure('ADDRESS_IS_THIS_COMPUTER', {}))).toBe(2)
  expect(exitStatusOf(createFailure('ANSWER_NEEDED', { question: 'password' }))).toBe(3)
  expect(exitStatusOf(createFailure('AUTHORISATION_DISMISSED', {}))).toBe(4)
  expect(exitStatusOf(createFailure('CANCELLED', {}))).toBe(130)
  expect(exitStatusOf(createFailure('HELPER_BUSY', {}))).toBe(1)
})

it('a failure that another version has recorded ends it like any other, and is called by its code', () => {
  const failure = { code: 'FROM_THE_FUTURE', facts: {}, detail: 'said so' }
  expect(exitStatusOf(failure)).toBe(1)
  expect(failureText(failure)).toContain('“FROM_THE_FUTURE”')
  expect(failureText(failure)).toMatch(/\nsaid so\n$/)
})
