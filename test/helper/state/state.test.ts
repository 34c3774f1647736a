import { describe, expect, it } from 'vitest'
import { changeBuilder, changeSharing, dropUnprovenSharing, emptyState } from '../../../helper/state/state'
import { registered } from '../builder'

describe('a shared connection', () => {
  const builder = registered('anna')
  const current = changeSharing({ ...emptyState, builders: [builder] }, builder.id, 'on')
  const sharingAfter = (change: Parameters<typeof changeBuilder>[2]) =>
    dropUnprovenSharing(current, changeBuilder(current, builder.id, change)).builders[0]?.sharing

  it('stays while the way to the builder is the one that was proven', () => {
    expect(sharingAfter({ enabled: !builder.enabled, maxJobs: 3, speedFactor: 7 })).toBe('on')
  })

  it.each([
    ['another address', { host: 'elsewhere.lan' }],
    ['another port', { port: 2222 }],
    ['another user', { user: 'other' }],
    ['quarantine', { quarantined: true }],
  ])('ends with %s', (_, change) => {
    expect(sharingAfter(change)).toBeUndefined()
  })

  it('is of no builder that was not there before', () => {
    expect(dropUnprovenSharing(emptyState, current).builders[0]?.sharing).toBeUndefined()
  })
})
