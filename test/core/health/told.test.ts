import { describe, expect, it } from 'vitest'
import { type HealthState, type HealthView, healthStates } from '../../../contract/health'
import { type ToldHealth, toldOf, withTold } from '../../../core/health/told'
import { aSample } from '../../fixtures/health'

const since = '2026-11-24T00:00:00.000Z'
const earlier = '2026-11-23T00:00:00.000Z'
const sample = aSample({})
const own = (state: HealthState): HealthView => ({ state, since, sample, trend: [] })
const told = (state: HealthState): ToldHealth => ({ state, since: earlier })
const noAnswer: readonly HealthState[] = ['unreachable', 'refused']

describe('the word for a builder that an app watches beside a terminal', () => {
  it('is one word for both, or says what the other’s is', () => {
    for (const mine of healthStates)
      for (const theirs of healthStates) {
        const { state, toldState } = withTold(own(mine), told(theirs)) ?? {}
        const isAtWork = [mine, theirs].every((one) => one === 'ready' || one === 'building')
        expect({ mine, theirs, isOne: isAtWork || state === theirs || toldState === theirs }).toMatchObject({
          isOne: true,
        })
      }
  })

  it('is that of who has watched for longer, with the numbers of this look', () => {
    const failure = { code: 'REMOTE_OVERLOADED', facts: { builder: 'anna' } }
    const seen = withTold(own('ready'), { ...told('slow'), failure })
    expect(seen).toEqual({ ...own('ready'), state: 'slow', since: earlier, failure })
    expect(withTold(own('disk-low'), told('ready'))?.failure).toBeUndefined()
  })

  it('is that of the look where it has just found out whether it answers', () => {
    for (const state of noAnswer) {
      expect(withTold(own(state), told('ready'))).toEqual({ ...own(state), toldState: 'ready' })
      expect(withTold(own('ready'), told(state))).toEqual({ ...own('ready'), toldState: state })
    }
  })

  it('is the app’s where this look could not be made, and the look’s where no app watches', () => {
    const blind = { ...own('needs-you'), failure: { code: 'NOT_WATCHED', facts: { builder: 'anna' } } }
    expect(withTold(blind, told('unreachable'))).toMatchObject({ state: 'unreachable', since: earlier })
    expect(withTold(undefined, told('slow'))).toEqual({ ...told('slow'), trend: [] })
    expect(withTold(own('ready'), undefined)).toEqual(own('ready'))
    expect(withTold(undefined, undefined)).toBeUndefined()
  })

  it('holds no more than a person is told', () => {
    expect(toldOf(own('ready'))).toEqual({ state: 'ready', since })
  })
})
