import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { applyDelta, deltaOf } from '../../../core/sync/snapshot-delta'
import { aBuilder } from '../../fixtures/builder'
import { aJob } from '../../fixtures/job'
import { aSnapshot } from '../../fixtures/snapshot'

const builder: fc.Arbitrary<BuilderView> = fc
  .record({
    id: fc.constantFrom('anna', 'otto', 'bert', 'carl', 'dora'),
    state: fc.constantFrom('ready' as const, 'unreachable' as const),
    runningBuilds: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ runningBuilds, ...part }) =>
    aBuilder('anna', { ...part, ...(runningBuilds === undefined ? {} : { runningBuilds }) }),
  )
const parts = fc.record({
  builders: fc.uniqueArray(builder, { selector: ({ id }) => id, maxLength: 5 }),
  nix: fc.option(fc.constant({ version: '2.8', kind: 'multi-user', system: 'x86_64-linux' } as const), {
    nil: undefined,
  }),
  jobs: fc.array(fc.constantFrom(aJob(), aJob({ id: 'job2' })), { maxLength: 2 }),
})
const snapshot = (revision: number): fc.Arbitrary<Snapshot> =>
  parts.map(({ nix, ...part }) => aSnapshot({ ...part, ...(nix ? { nix } : {}), revision }))
/** A later snapshot that keeps some builders of the earlier one as they are. */
const pair = fc
  .tuple(snapshot(1), snapshot(2), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }))
  .map(([before, after, keeps]): [Snapshot, Snapshot] => {
    const kept = (one: BuilderView, index: number) =>
      (keeps[index] && before.builders.find(({ id }) => id === one.id)) || one
    return [before, { ...after, builders: after.builders.map(kept) }]
  })

describe('what changed of a snapshot', () => {
  it('applied across a process border, makes the later snapshot of the earlier one', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const delta = deltaOf(before, after)
        const arrived = delta && applyDelta(before, structuredClone(delta))
        expect({ ...(arrived ?? before), revision: 2 }).toEqual(after)
      }),
      { numRuns: 1000 },
    )
  })

  it('applied one after the other, makes the last of many', () => {
    fc.assert(
      fc.property(fc.array(snapshot(0), { minLength: 2, maxLength: 8 }), (all) => {
        const numbered = all.map((one, revision) => ({ ...one, revision }))
        let here = numbered[0] as Snapshot
        let there = here
        for (const next of numbered.slice(1)) {
          const delta = deltaOf(here, next)
          if (!delta) continue
          here = next
          there = applyDelta(there, structuredClone(delta)) as Snapshot
        }
        expect(there).toEqual(here)
      }),
      { numRuns: 300 },
    )
  })

  it('holds one builder of many, and of it only what changed', () => {
    const many = [...Array(500).keys()].map((n) => aBuilder('anna', { id: `b${n}` }))
    const before = aSnapshot({ builders: many, revision: 1 })
    const builders = many.map((one) => (one.id === 'b7' ? { ...one, runningBuilds: 2 } : one))
    const delta = deltaOf(before, { ...before, builders, revision: 2 })
    expect(delta).toEqual({
      from: 1,
      revision: 2,
      parts: { set: {}, gone: [] },
      builders: [{ id: 'b7', set: { runningBuilds: 2 }, gone: [] }],
    })
    const after = delta && applyDelta(before, structuredClone(delta))
    expect(after?.builders.filter((one, index) => one !== many[index]).map(({ id }) => id)).toEqual(['b7'])
    expect(after?.builders[7]?.systems).toBe(many[7]?.systems)
  })

  it('is nothing when only the revision grew', () => {
    const before = aSnapshot({ builders: [aBuilder('anna')], revision: 1 })
    expect(deltaOf(before, { ...before, builders: [...before.builders], revision: 2 })).toBeUndefined()
  })

  it('is of no use to who has another revision', () => {
    const before = aSnapshot({ revision: 1 })
    const delta = deltaOf(before, { ...before, appVersion: 'next', revision: 2 })
    expect(delta && applyDelta({ ...before, revision: 0 }, delta)).toBeUndefined()
  })
})
