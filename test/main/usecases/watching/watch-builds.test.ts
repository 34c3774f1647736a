import { expect, it } from 'vitest'
import type { ObservedBuilds } from '../../../../main/ports/builds'
import { watchBuilds } from '../../../../main/usecases/watching/watch-builds'
import { keptLog } from '../../../fakes/kept-log'
import { virtualTime } from '../../../fakes/virtual-time'

it('closes only once what has finished is kept', async () => {
  const time = virtualTime()
  const running = {
    id: 'a',
    name: 'hello-1',
    startedAt: time.clock.now().toISOString(),
    activity: 'building',
    logTail: [],
  } as const
  let seen: ObservedBuilds = { feed: 'locks', running: [running], ended: [] }
  let written = 0
  let finishWriting = () => {}
  const watch = watchBuilds(
    {
      ...{ clock: time.clock, jitteredSleep: time.jitteredSleep, log: keptLog() },
      builds: { observe: async () => seen, close: () => undefined },
      finishedBuilds: {
        read: async () => [],
        write: async () => {
          await new Promise<void>((resolve) => {
            finishWriting = resolve
          })
          written++
        },
      },
    },
    { health: () => ({}), show: () => undefined },
  )
  await watch.observe()
  seen = { feed: 'locks', running: [], ended: [{ id: 'a', outcome: 'built' }] }
  void watch.observe()
  await new Promise((resolve) => setImmediate(resolve))
  const closed = watch.close().then(() => written)
  await new Promise((resolve) => setImmediate(resolve))
  finishWriting()
  expect(await closed).toBe(1)
})
