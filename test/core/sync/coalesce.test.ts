import { describe, expect, it } from 'vitest'
import { coalesce } from '../../../core/sync/coalesce'

/** Work that ends when it is told to; counts how often it was begun. */
function slowWork() {
  const ends: ((outcome: Promise<number>) => void)[] = []
  const work = coalesce(() => new Promise<number>((resolve) => ends.push(resolve)))
  const end = async (outcome: Promise<number>) => {
    ends.at(-1)?.(outcome)
    await outcome.catch(() => undefined)
    await new Promise(setImmediate)
  }
  return { work, end, begun: () => ends.length }
}

describe('sharing runs of work', () => {
  it('gives all who ask meanwhile the one run that begins after', async () => {
    const { work, end, begun } = slowWork()
    const [first, second, third] = [work(), work(), work()]
    expect(begun()).toBe(1)
    await end(Promise.resolve(1))
    expect(begun()).toBe(2)
    const fourth = work()
    await end(Promise.resolve(2))
    await end(Promise.resolve(3))
    expect(await Promise.all([first, second, third, fourth])).toEqual([1, 2, 2, 3])
    expect(begun()).toBe(3)
  })

  it('goes on after a run that failed', async () => {
    const { work, end } = slowWork()
    const [first, second] = [work(), work()]
    const failed = expect(first).rejects.toThrow('broken')
    await end(Promise.reject(new Error('broken')))
    await failed
    await end(Promise.resolve(2))
    expect(await second).toBe(2)
  })

  it('begins at once where nothing runs', async () => {
    const { work, end, begun } = slowWork()
    void work()
    await end(Promise.resolve(1))
    void work()
    expect(begun()).toBe(2)
  })
})
