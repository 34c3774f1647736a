import { networkInterfaces } from 'node:os'
import type { OnWake } from '../../ports/monitor'

/**
 * Tells when this computer has slept, by a timer that came far too late by either clock (only the one of the wall goes
 * on during sleep), and when it has other addresses than before, by the same timer.
 */
export function createOnWake({ periodMs = 5_000 } = {}): OnWake {
  return (listener) => {
    let seen = readClockAndAddresses()
    const timer = setInterval(() => {
      const now = readClockAndAddresses()
      const isLate = now.wallMs - seen.wallMs > 2 * periodMs || now.steadyMs - seen.steadyMs > 2 * periodMs
      const hasMoved = now.addresses !== seen.addresses
      seen = now
      if (isLate || hasMoved) listener()
    }, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  }
}

function readClockAndAddresses() {
  const addresses = Object.values(networkInterfaces())
    .flatMap((of = []) => of.filter(({ internal }) => !internal).map(({ cidr, mac }) => `${cidr} ${mac}`))
    .sort()
    .join()
  return { wallMs: Date.now(), steadyMs: performance.now(), addresses }
}
