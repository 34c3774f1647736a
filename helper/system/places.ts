import { mostTrialsAtOnce } from '../../contract/helper'
import { Refusal } from '../protocol/refusal'
import { type Lock, takeLock } from './lock'
import type { System } from './system'

/**
 * Tries a builder (a handshake, a build) while no other trial of it runs, and no more than so many of all: each is a
 * root process of its own for minutes, and a caller who needs no password could fill the memory with them. Waits for
 * the one before on the same builder. Fails with NEEDS_ATTENTION, busy.
 */
export async function withTrial<T>(system: System, id: string, action: () => Promise<T>): Promise<T> {
  const place = await takePlace(system)
  try {
    const own = await takeLock(system, `trial-of-${id}`, system.lockCommand)
    if (!own) throw new Refusal('NEEDS_ATTENTION', 'busy', `${id} is being tried already.`)
    try {
      return await action()
    } finally {
      await own.release()
    }
  } finally {
    await place.release()
  }
}

async function takePlace(system: System): Promise<Lock> {
  for (let number = 1; number <= mostTrialsAtOnce; number++) {
    const place = await takeLock(system, `trial-${number}`, system.tryLockCommand)
    if (place) return place
  }
  const detail = `${mostTrialsAtOnce} builders are being tried already; no more are at once.`
  throw new Refusal('NEEDS_ATTENTION', 'busy', detail)
}
