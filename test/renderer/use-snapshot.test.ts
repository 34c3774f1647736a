import { expect, test } from 'vitest'
import { connect } from '../../renderer/connect'
import { createSnapshotStore } from '../../renderer/use-snapshot'
import { createFakeApi } from './fixtures/fake-api'
import { aSnapshot } from './fixtures/snapshots'

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

test('the first snapshot is the answer to asking', async () => {
  const store = createSnapshotStore(createFakeApi(aSnapshot({ revision: 7 })))
  expect(store.get()).toBeUndefined()
  await settled()
  expect(store.get()?.revision).toBe(7)
})

test('a change sent while the question is under way wins over the older answer', async () => {
  const api = createFakeApi(aSnapshot({ revision: 7 }))
  const old = api.call('get-snapshot', {})
  const store = createSnapshotStore({ ...api, call: () => old as never })
  api.publish({ appVersion: 'newer' })
  await settled()
  expect(store.get()?.revision).toBe(8)
  expect(store.get()?.appVersion).toBe('newer')
})

test('listeners hear of a change, and not of one that came late', async () => {
  const api = createFakeApi(aSnapshot({ revision: 7 }))
  let late: (snapshot: ReturnType<typeof aSnapshot>) => void = () => undefined
  const store = createSnapshotStore({
    call: api.call,
    onSnapshot: (listener) => {
      late = listener
      return api.onSnapshot(listener)
    },
  })
  await settled()
  let heard = 0
  store.subscribe(() => {
    heard += 1
  })
  api.publish({ appVersion: 'newer' })
  late(aSnapshot({ revision: 3 }))
  expect(heard).toBe(1)
  expect(store.get()?.appVersion).toBe('newer')
})

test('where the app wants the window to be is not lost before anybody listens', () => {
  const api = createFakeApi(aSnapshot())
  const { onNavigate } = connect(api)
  api.navigate({ to: 'add' })
  const heard: unknown[] = []
  onNavigate((navigation) => heard.push(navigation))
  api.navigate({ to: 'builders' })
  expect(heard).toEqual([{ to: 'add' }, { to: 'builders' }])
})
