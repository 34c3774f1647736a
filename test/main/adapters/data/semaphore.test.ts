import { expect, it } from 'vitest'
import { createSemaphore } from '../../../../main/adapters/data/semaphore'
import { toFailure } from '../../../../main/failures'

/** Work that ends when it is told to. */
function work() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const state = { isRunning: false }
  const run = () => {
    state.isRunning = true
    return ended
  }
  return { run, end: () => end(), isRunning: () => state.isRunning }
}
const never = () => new AbortController().signal

it('lets so many in, and the others in the order in which they came', async () => {
  const semaphore = createSemaphore(2)
  const all = [work(), work(), work(), work()]
  const uses = all.map(({ run }) => semaphore.use(never(), run))
  const running = () => all.map(({ isRunning }) => isRunning())
  await expect.poll(running).toEqual([true, true, false, false])
  all[1]?.end()
  await expect.poll(running).toEqual([true, true, true, false])
  for (const { end } of all) end()
  await Promise.all(uses)
})

it('one that is aborted while it waits is told at once, never works, and holds nobody up', async () => {
  const semaphore = createSemaphore(1)
  const [first, given, last] = [work(), work(), work()]
  const uses = [semaphore.use(never(), first.run)]
  const abort = new AbortController()
  const aborted = semaphore.use(abort.signal, given.run).catch(toFailure)
  uses.push(semaphore.use(never(), last.run))
  abort.abort()
  expect(await aborted).toMatchObject({ code: 'CANCELLED' })
  first.end()
  await expect.poll(last.isRunning).toBe(true)
  last.end()
  await Promise.all(uses)
  expect(given.isRunning()).toBe(false)
})

it('one that is aborted while it works keeps its place until it has ended', async () => {
  const semaphore = createSemaphore(1)
  const [first, second] = [work(), work()]
  const abort = new AbortController()
  const use = semaphore.use(abort.signal, first.run)
  const next = semaphore.use(never(), second.run)
  await expect.poll(first.isRunning).toBe(true)
  abort.abort()
  await new Promise(setImmediate)
  expect(second.isRunning()).toBe(false)
  first.end()
  await use
  second.end()
  await next
})

it('what fails is handed on and leaves its place; what was aborted before is not begun', async () => {
  const semaphore = createSemaphore(1)
  await expect(semaphore.use(never(), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(semaphore.use(AbortSignal.abort(), async () => 1).catch(toFailure)).resolves.toMatchObject({
    code: 'CANCELLED',
  })
  expect(await semaphore.use(never(), async () => 2)).toBe(2)
})
