import { expect, test } from 'vitest'
import type { DeltaText, SnapshotDelta } from '../../contract/snapshot-delta'
import { connect } from '../../renderer/app/connect'
import { createSnapshotStore } from '../../renderer/state/use-snapshot'
import { aSnapshot } from '../fixtures/snapshot'
import { createFakeApi } from './fixtures/fake-api'

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

test('the first snapshot is the answer to asking', async () => {
  const store = createSnapshotStore(createFakeApi(aSnapshot({ revision: 7 })))
  expect(store.get()).toBeUndefined()
  await settled()
  expect(store.get()?.revision).toBe(7)
})

test('a change sent while the question is under way is added to the older answer', async () => {
  const api = createFakeApi(aSnapshot({ revision: 7 }))
  // It asks at once; the answer is that of now and arrives later.
  const store = createSnapshotStore(api)
  api.publish({ appVersion: 'newer' })
  await settled()
  expect(store.get()?.revision).toBe(8)
  expect(store.get()?.appVersion).toBe('newer')
})

test('a change that follows on another snapshot than this makes it ask again', async () => {
  const api = createFakeApi(aSnapshot({ revision: 7 }))
  let isLost = false
  const store = createSnapshotStore({
    call: api.call,
    onDelta: (listener) => api.onDelta((delta) => isLost || listener(delta)),
  })
  await settled()
  isLost = true
  api.publish({ appVersion: 'lost on its way' })
  isLost = false
  api.publish({ tray: 'absent' })
  await settled()
  expect(store.get()).toMatchObject({ revision: 9, appVersion: 'lost on its way', tray: 'absent' })
  expect(api.sent.map(({ name }) => name)).toEqual(['get-snapshot', 'get-snapshot'])
})

test('listeners hear of a change, and not of one that came late', async () => {
  const api = createFakeApi(aSnapshot({ revision: 7 }))
  let late: (delta: DeltaText) => void = () => undefined
  const store = createSnapshotStore({
    call: api.call,
    onDelta: (listener) => {
      late = listener
      return api.onDelta(listener)
    },
  })
  await settled()
  let heard = 0
  store.subscribe(() => {
    heard += 1
  })
  api.publish({ appVersion: 'newer' })
  const delta = { from: 2, revision: 3, parts: { set: { appVersion: 'older' }, gone: [] }, builders: [] }
  late(JSON.stringify(delta satisfies SnapshotDelta))
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
