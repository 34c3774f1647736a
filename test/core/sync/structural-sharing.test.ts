import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareStructure } from '../../../core/sync/structural-sharing'
import { manyBuilders } from '../../fixtures/builders'
import { aSnapshot } from '../../fixtures/snapshot'

test('what is kept equals what came, whatever was there before', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (previous, next) => {
      expect(shareStructure(previous, next)).toEqual(next)
    }),
    { numRuns: 1000 },
  )
})

test('an equal value is the earlier one itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      expect(shareStructure(value, structuredClone(value))).toBe(value)
    }),
    { numRuns: 1000 },
  )
})

test('a change of one builder leaves all others identical', () => {
  const before = aSnapshot({ builders: manyBuilders(20) })
  const sent = structuredClone(before)
  const after = shareStructure(before, {
    ...sent,
    revision: 2,
    builders: sent.builders.map((builder, index) =>
      index === 7 ? { ...builder, state: 'paused' as const } : builder,
    ),
  })
  const changed = after.builders.flatMap((builder, index) =>
    builder === before.builders[index] ? [] : [index],
  )
  expect(changed).toEqual([7])
  expect(after.helper).toBe(before.helper)
})
