import { expect, it } from 'vitest'
import { createSerialQueue } from '../../../../main/adapters/data/serial-queue'
import { toFailure } from '../../../../main/failures'

it('a call to the keychain waits for the one before', async () => {
  const inTurn = createSerialQueue(1000)
  const order: string[] = []
  const first = inTurn(async () => {
    order.push('first begins')
    await new Promise((resolve) => setImmediate(resolve))
    order.push('first ends')
    return 1
  })
  const second = inTurn(async () => order.push('second begins'))
  expect([await first, await second]).toEqual([1, 3])
  expect(order).toEqual(['first begins', 'first ends', 'second begins'])
})

it('a call that never comes back is the only one that is stuck, until it does', async () => {
  const inTurn = createSerialQueue(20)
  let calls = 0
  let comeBack = () => {}
  const stuck = () => {
    calls++
    return new Promise<void>((resolve) => {
      comeBack = resolve
    })
  }
  const failures = await Promise.all([1, 2, 3, 4, 5].map(() => inTurn(stuck).catch(toFailure)))
  expect(failures.map((failure) => failure && 'code' in failure && failure.code)).toEqual(
    Array(5).fill('KEYCHAIN_UNAVAILABLE'),
  )
  expect(calls).toBe(1)
  comeBack()
  expect(await inTurn(async () => 'again')).toBe('again')
})

it('a refusal is handed on, and does not stop the next', async () => {
  const inTurn = createSerialQueue(1000)
  const refused = await inTurn(() => Promise.reject(new Error('no such interface'))).catch(toFailure)
  expect(refused).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE', detail: 'no such interface' })
  expect(await inTurn(async () => 'fine')).toBe('fine')
})
