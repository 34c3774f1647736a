import { describe, expect, it } from 'vitest'
import { suspendBuilder } from '../../../main/usecases/watching/suspend-builder'
import { startApp } from '../../fakes/app'
import { stageWith } from '../flows/stage'

describe('a reading of the system', () => {
  it('takes no builder for paused by the person that we suspend while root’s files are read', async () => {
    const { world } = await stageWith()
    const { ports } = world
    const suspend = () => suspendBuilder(ports, 'anna', { code: 'UNREACHABLE', facts: { host: 'anna' } })
    let reading = 0
    const status = async () => {
      if (reading++ === 0) await suspend()
      return ports.helper.status()
    }
    const app = startApp({ ...world, ports: { ...ports, helper: { ...ports.helper, status } } })
    await app.refresh()
    expect(app.store.state().builders).toMatchObject([{ id: 'anna', state: 'suspended', enabled: false }])
  })
})
