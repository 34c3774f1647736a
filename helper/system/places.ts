import { mostCallsAtOnce, mostTrialsAtOnce } from '../../contract/helper'
import { Refusal } from '../protocol/refusal'
import { cameByPolkit } from './caller'
import { type Lock, takeLock } from './lock'
import { enforceRateLimit } from './rate-limit'
import type { System } from './system'

/**
 * Tries a builder (a handshake, a build) while no other trial of it runs, and no more than so many of all: each is a
 * root process of its own for minutes, and a caller who needs no password could fill the memory with them. Waits for
 * the one before on the same builder. Fails with NEEDS_ATTENTION, busy.
 */
export async function withTrial<T>(system: System, id: string, action: () => Promise<T>): Promise<T> {
  const place = await takeTrial(system)
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

async function takeTrial(system: System): Promise<Lock> {
  const place = await takePlace(system, 'trial', mostTrialsAtOnce)
  if (place) return place
  const detail = `${mostTrialsAtOnce} builders are being tried already; no more are at once.`
  throw new Refusal('NEEDS_ATTENTION', 'busy', detail)
}

/**
 * Lets a call in that asked for no password, before anything of it is read: each is a process of root's that no limit of
 * its caller's holds. It is out when it ends. Fails with NEEDS_ATTENTION, rate-limited.
 */
export async function letIn(system: System): Promise<void> {
  if (!cameByPolkit(system) || (await takePlace(system, 'call', mostCallsAtOnce))) return
  const detail = `${mostCallsAtOnce} calls without a password are being answered already; no more are at once.`
  throw new Refusal('NEEDS_ATTENTION', 'rate-limited', detail)
}

/**
 * Reads for a caller without a password: so often a minute, and one at a time, as Nix, ssh and the names of machines are
 * asked for each. Fails with NEEDS_ATTENTION, busy or rate-limited.
 */
export async function withReading<T>(system: System, action: () => Promise<T>): Promise<T> {
  if (!cameByPolkit(system)) return await action()
  const turn = await takeLock(system, 'reading', system.lockCommand)
  if (!turn) throw new Refusal('NEEDS_ATTENTION', 'busy', 'Others are reading what is in force.')
  try {
    enforceRateLimit(system, 'readings')
    return await action()
  } finally {
    await turn.release()
  }
}

/** Undefined where all so many are taken. */
async function takePlace(system: System, name: string, most: number): Promise<Lock | undefined> {
  for (let number = 1; number <= most; number++) {
    const place = await takeLock(system, `${name}-${number}`, system.tryLockCommand)
    if (place) return place
  }
  return undefined
}
