import { describe, expect, it } from 'vitest'
import { flows } from './flows'

describe('when nothing goes wrong', () => {
  it.each(flows)('$name does what it says, on both sides, and leaves nothing open', async (flow) => {
    const stage = await flow.before()
    const job = await flow.act(stage)
    expect(job?.failure).toBeUndefined()
    expect(job?.state ?? 'done').toBe('done')
    flow.holds(stage.world)
    flow.ideally?.(stage.world)
    expect(stage.world.data.receipts.size).toBe(0)
    expect(stage.world.openSessions()).toBe(0)
    expect(stage.world.calls.misuses).toEqual([])
  })
})
