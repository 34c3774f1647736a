import { describe, expect, it } from 'vitest'
import { startApp } from '../../fakes/app'
import { debianServer } from '../../fakes/machine'
import { flows } from './flows'
import { add, emptyStage } from './stage'

describe('when nothing goes wrong', () => {
  it.each(flows)('$name does what it says, on both sides, and leaves nothing open', async (flow) => {
    const stage = await flow.before()
    const job = await flow.act(stage)
    expect(job?.failure).toBeUndefined()
    expect(job?.state ?? 'done').toBe('done')
    flow.holds(stage.world)
    flow.ideally?.(stage.world)
    // What is left over there is told again at the next start, unless it was to be left.
    const ended = [...stage.world.data.receipts.values()].map(({ isEnded }) => isEnded)
    const isToldAgain =
      job?.kind === 'remove' && job.leftBehind.length > 0 && !flow.name.includes('here alone')
    expect(ended).toEqual(isToldAgain ? [true] : [])
    expect(stage.world.openSessions()).toBe(0)
    expect(stage.world.calls.misuses).toEqual([])
  })
})

describe('adding a machine again', () => {
  it('goes on under the same name after the app has died on the way', async () => {
    const whole = emptyStage(debianServer('anna'))
    await add(whole, 'admin@anna.lan')
    const entered = whole.world.calls.log.indexOf('helper.put-builder')
    const stage = emptyStage(debianServer('anna'))
    const { world } = stage
    world.calls.plan(entered + 1, { kind: 'crash' })
    await Promise.race([add(stage, 'admin@anna.lan'), world.calls.crashed])
    expect(world.root.state?.builders.map(({ id }) => id)).toEqual(['anna'])

    world.calls.mend()
    const later = { world, app: startApp(world) }
    await later.app.jobs.recall()
    await later.app.refresh()
    expect((await add(later, 'admin@anna.lan'))?.state).toBe('done')
    expect(world.root.state?.builders.map(({ id, enabled }) => [id, enabled])).toEqual([['anna', true]])
    expect(world.data.receipts.size).toBe(0)
  })
})
