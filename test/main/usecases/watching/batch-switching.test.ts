import { describe, expect, it } from 'vitest'
import type { HelperRequest, HelperResult } from '../../../../contract/helper'
import { FailureError } from '../../../../main/failures'
import type { HelperPort } from '../../../../main/ports/helper'
import { batchSwitching } from '../../../../main/usecases/watching/batch-switching'
import { createWorld } from '../../../fakes/world'

const ok: HelperResult = { type: 'result', code: 'OK' }

/** A helper that notes what it is asked; `refuses` says to what it answers no. */
function notingHelper(
  refuses: (request: HelperRequest) => boolean = () => false,
  code: 'NO_SUCH_BUILDER' | 'HELPER_BUSY' = 'NO_SUCH_BUILDER',
) {
  const asked: HelperRequest[] = []
  const helper: HelperPort = {
    ...createWorld().ports.helper,
    call: async (request) => {
      asked.push(request)
      await new Promise(setImmediate)
      if (refuses(request)) throw new FailureError({ code, facts: {} })
      return ok
    },
  }
  return { asked, helper: batchSwitching(helper) }
}
const off = (id: string) => ({ op: 'set-enabled', id, enabled: false }) as const
const on = (id: string) => ({ op: 'set-enabled', id, enabled: true }) as const

describe('switching many builders at about one time', () => {
  it('is one call for the first and one for all the others', async () => {
    const { asked, helper } = notingHelper()
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((id) => helper.call(off(id))))
    expect(results).toEqual([ok, ok, ok, ok])
    expect(asked).toEqual([off('a'), { op: 'set-many-enabled', ids: ['b', 'c', 'd'], enabled: false }])
  })

  it('keeps off and on apart', async () => {
    const { asked, helper } = notingHelper()
    await Promise.all([off('a'), off('b'), on('c'), off('d')].map((one) => helper.call(one)))
    expect(asked).toEqual([off('a'), { op: 'set-many-enabled', ids: ['b', 'd'], enabled: false }, on('c')])
  })

  it('asks for each by itself where all at once are refused', async () => {
    const { asked, helper } = notingHelper(({ op }) => op === 'set-many-enabled')
    await Promise.all(['a', 'b', 'c'].map((id) => helper.call(on(id))))
    expect(asked).toEqual([
      ...[on('a'), { op: 'set-many-enabled', ids: ['b', 'c'], enabled: true }, on('b'), on('c')],
    ])
  })

  it('tells only whom it concerns of a failure', async () => {
    const fails = (one: HelperRequest) => one.op === 'set-many-enabled' || ('id' in one && one.id === 'b')
    const { helper } = notingHelper(fails)
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((id) => helper.call(off(id))))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('does not ask again and again where the reason is none of the builders', async () => {
    const { asked, helper } = notingHelper(({ op }) => op === 'set-many-enabled', 'HELPER_BUSY')
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((id) => helper.call(off(id))))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(asked).toHaveLength(2)
  })

  it('passes on at once what a person waits for, and all other calls', async () => {
    const { asked, helper } = notingHelper()
    const ask = async () => ({ kind: 'no' }) as const
    await Promise.all([
      helper.call(off('a')),
      helper.call(off('b'), { ask }),
      helper.call({ op: 'ping', id: 'c' }),
    ])
    expect(asked).toEqual([off('a'), off('b'), { op: 'ping', id: 'c' }])
  })
})
