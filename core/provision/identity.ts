import { isValid, PublicKey } from '../../contract/grammar'
import { shareHostKey } from '../ssh/same-machine'
import { factReader } from './inspect'
import { parseReport } from './report'

/** What tells one machine from another, whatever it is called. */
export interface MachineIdentity {
  readonly hostKeys: readonly PublicKey[]
  /** Another one after each start; containers share that of their machine. */
  readonly bootId?: string | undefined
  /** A hash of machine-id(5), which that page asks to keep to oneself. A copied disk has the same. */
  readonly machineId?: string | undefined
}

/** What `identityScript` found on this computer; whatever it did not find is not known. */
export function parseIdentity(stdout: string, nonce: string): MachineIdentity {
  const facts = factReader(parseReport(stdout, nonce).lines)
  const hostKeys = facts
    .pairs('host_key')
    .map(([type, key]) => ({ type, key }))
    .filter((key) => isValid(PublicKey, key))
  const [bootId, machineId] = [facts.text('boot_id'), facts.text('machine_id')]
  return { hostKeys, ...(bootId ? { bootId } : {}), ...(machineId ? { machineId } : {}) }
}

/**
 * Whether a machine that was logged in to is this very computer. Its host keys say so, unless it runs by itself: then
 * it is a copy. Where sshd(8) has its keys elsewhere, the address says so together with what the look found there.
 */
export function isThisComputer(own: MachineIdentity, seen: MachineIdentity, hasOwnAddress: boolean): boolean {
  if (differ(own.bootId, seen.bootId)) return false
  if (shareHostKey(own.hostKeys, seen.hostKeys)) return true
  const isSame = (one?: string, other?: string) => one !== undefined && one === other
  return hasOwnAddress && isSame(own.bootId, seen.bootId) && isSame(own.machineId, seen.machineId)
}

/** Whether both are known, and are not the same. */
export function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}
