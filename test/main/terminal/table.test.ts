import { expect, test } from 'vitest'
import { liveText } from '../../../main/terminal/text/live-text'
import { table } from '../../../main/terminal/text/table'

test('columns of a table stand beneath each other, also with wide and combined letters', () => {
  expect(
    table(
      ['Name', 'For'],
      [
        ['東京', 'dev'],
        ['ne\u0301e', 'boss'],
        ['👩‍🚀', 'eve'],
      ],
    ),
  ).toBe('Name  For\n東京  dev\nne\u0301e   boss\n👩‍🚀    eve\n')
})

test('a live line is cut by the columns that it takes', () => {
  expect(liveText('東京東京東京', 8, 24)).toEqual(['東京東…'])
  expect(liveText('hello world', 8, 24)).toEqual(['hello …'])
  expect(liveText('hello', 8, 24)).toEqual(['hello'])
})
