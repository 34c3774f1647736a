import { expect, test } from 'vitest'
import { liveText } from '../../../main/terminal/text/live-text'
import { fittingTable, table } from '../../../main/terminal/text/table'

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

test('a table that is too wide goes without what can be dispensed with, in order, and never without the rest', () => {
  const fitting = (columns: number) =>
    fittingTable(
      ['Name', 'Load', 'Free', 'Building'],
      [['anna', '1', '2', 'hello']],
      ['Free', 'Load'],
      columns,
    )
  expect(fitting(80)).toBe('Name  Load  Free  Building\nanna  1     2     hello\n')
  expect(fitting(25)).toBe('Name  Load  Building\nanna  1     hello\n')
  expect(fitting(19)).toBe('Name  Building\nanna  hello\n')
  expect(fitting(1)).toBe('Name  Building\nanna  hello\n')
})
