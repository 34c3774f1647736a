import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'

/** Whether an IP address, as a socket tells it, is one that this computer itself has. */
export function isOwnAddress(address: string | undefined): boolean {
  if (address === undefined) return false
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (/^127\./.test(bare) || bare === '::1') return true
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === bare))
}

/** Whether a name leads to this computer and nowhere else. */
export async function leadsHere(host: string): Promise<boolean> {
  // A name that leads nowhere does not lead here.
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.length > 0 && found.every(({ address }) => isOwnAddress(address))
}
