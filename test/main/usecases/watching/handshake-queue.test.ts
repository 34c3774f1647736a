import { describe, expect, it } from 'vitest'
import type { HelperPort } from '../../../../main/ports/helper'
import { createHandshakeQueue } from '../../../../main/usecases/watching/handshake-queue'
import { virtualTime } from '../../../fakes/virtual-time'
import { createWorld } from '../../../fakes/world'

const never = new AbortController().signal

/** A root whose handshakes take so long; it knows how many there were at once. */
function rootTaking(ms: number, time = virtualTime()) {
  const begun: { readonly id: string; readonly atMs: number }[] = []
  let now = 0
  let most = 0
  const startMs = time.nowMs()
  const helper: HelperPort = {
    ...createWorld().ports.helper,
    call: async (request) => {
      begun.push({ id: 'id' in request ? request.id : '', atMs: time.nowMs() - startMs })
      most = Math.max(most, ++now)
      await time.jitteredSleep(ms, never)
      now--
      return { type: 'result', code: 'OK', latencyMs: ms }
    },
  }
  return {
    handshakes: createHandshakeQueue({ helper, jitteredSleep: time.jitteredSleep }, never),
    begun,
    time,
    most: () => most,
  }
}

describe('root’s handshakes with many builders', () => {
  it('are no more than two at once, and after the first few no faster than one a second', async () => {
    const { handshakes, begun, time, most } = rootTaking(5_000)
    for (const id of ['a', 'b', 'c', 'd']) void handshakes.request(id, never)
    await time.pass(60_000)
    expect(most()).toBe(2)
    expect(begun).toEqual([
      { id: 'a', atMs: 0 },
      { id: 'b', atMs: 250 },
      { id: 'c', atMs: 5_000 },
      { id: 'd', atMs: 5_250 },
    ])
    const many = rootTaking(0)
    for (let id = 0; id < 30; id++) void many.handshakes.request(String(id), never)
    await many.time.pass(60_000)
    expect(many.begun.filter(({ atMs }) => atMs < 10_000).length).toBeLessThanOrEqual(20)
    expect(many.begun).toHaveLength(30)
  })

  it('are half as fast while more than a hundred wait, as after a start', async () => {
    const { handshakes, begun, time } = rootTaking(0)
    for (let id = 0; id < 300; id++) void handshakes.request(String(id), never, 'due')
    await time.pass(100_000)
    expect(begun.length).toBeGreaterThan(45)
    expect(begun.length).toBeLessThan(75)
    await time.pass(600_000)
    expect(begun).toHaveLength(300)
  })

  it('that a probe waits for come before those that are merely due, and one that is no use is not made', async () => {
    const { handshakes, begun, time } = rootTaking(300)
    for (const id of ['a', 'b', 'c']) void handshakes.request(id, never, 'due')
    const gone = handshakes.request('d', never, 'due')
    void handshakes.request('e', never)
    handshakes.leave('d')
    handshakes.leave('e')
    expect(await gone).toMatchObject({ observation: { outcome: 'unknown' } })
    await time.pass(10_000)
    expect(begun.map(({ id }) => id)).toEqual(['a', 'e', 'b', 'c'])
  })

  it('are one in 20 s where nothing calls for them, the one first that has waited longest', async () => {
    const { handshakes, time } = rootTaking(300)
    const turns = (...ids: string[]) => ids.filter((id) => handshakes.isTurnOf(id))
    expect(turns('a', 'b', 'c')).toEqual(['a'])
    await handshakes.request('a', AbortSignal.abort())
    expect(turns('c', 'b')).toEqual([])
    await time.pass(20_000)
    expect(turns('c', 'b')).toEqual(['b'])
    handshakes.leave('b')
    await time.pass(20_000)
    expect(turns('a', 'c')).toEqual(['c'])
  })

  it('say nothing of a builder when they could not be made', async () => {
    const { handshakes } = rootTaking(0)
    expect(await handshakes.request('a', AbortSignal.abort())).toMatchObject({
      observation: { outcome: 'unknown' },
    })
  })
})
