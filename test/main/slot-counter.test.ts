import { describe, expect, it } from 'vitest'
import { createSlotCounter } from '../../main/slot-counter'
import { createStore } from '../../main/store'
import { aBuilder } from '../fixtures/builder'
import { emptyState } from '../fixtures/state'

/** A store with one builder, and slots that are read when the test lets them. */
function open() {
  const { runningBuilds: _, ...anna } = aBuilder('anna')
  const store = createStore({ ...emptyState, builders: [anna] })
  const answers: ((count: number | undefined) => void)[] = []
  const count = createSlotCounter(
    {
      taken: () =>
        new Promise((resolve) =>
          answers.push((taken) =>
            resolve(taken === undefined ? undefined : new Map([['ssh-ng:__millwright-anna', taken]])),
          ),
        ),
    },
    store,
  )
  const counted = async (taken: number | undefined) => {
    const done = count()
    answers.shift()?.(taken)
    await done
  }
  return { store, count, answers, counted, shown: () => store.snapshot().builders[0] }
}

describe('the slots in the store', () => {
  it('are shown with each builder, which itself stays as it was', async () => {
    const { store, counted, shown } = open()
    const { builders } = store.state()
    await counted(2)
    expect(shown()?.runningBuilds).toBe(2)
    await counted(1)
    expect(shown()?.runningBuilds).toBe(1)
    expect(store.state().builders).toBe(builders)
  })

  it('change nothing while they are as before', async () => {
    const { store, counted, shown } = open()
    await counted(2)
    const before = shown()
    let updates = 0
    store.subscribe(() => updates++)
    await counted(2)
    expect(updates).toBe(0)
    expect(shown()).toBe(before)
  })

  it('are unknown again where they can no longer be read', async () => {
    const { counted, shown } = open()
    await counted(2)
    await counted(undefined)
    expect(shown()?.runningBuilds).toBeUndefined()
  })

  it('are counted once at a time, so that no older count comes after a newer one', async () => {
    const { count, answers, shown } = open()
    const [first, second] = [count(), count()]
    expect(answers).toHaveLength(1)
    answers.shift()?.(1)
    await first
    await new Promise(setImmediate)
    answers.shift()?.(3)
    await second
    expect(shown()?.runningBuilds).toBe(3)
  })
})
