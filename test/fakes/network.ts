import type { RegisteredBuilder } from '../../contract/builder'
import type { FailureCode } from '../../core/failures/rows'
import { fail } from '../../main/failures'
import { failWith } from './fail-with'
import { letsIn, linesOf, type Machine } from './machine'

/** The machines that this computer can reach, by name. */
export type Network = ReadonlyMap<string, Machine>

/** The machine at an address, which may not answer. Fails with NAME_NOT_FOUND or UNREACHABLE. */
export function machineAt(network: Network, host: string): Machine {
  const machine = [...network.values()].find((one) => one.host === host || one.name === host)
  if (!machine) return fail('NAME_NOT_FOUND', { host })
  if (machine.isDown) fail('UNREACHABLE', { host })
  return machine
}

type Target = Pick<RegisteredBuilder, 'id' | 'host' | 'user' | 'hostKeys' | 'jump'>

/** Logs in to a builder as its key lines allow. Fails with the codes that the port documents for a login. */
export function logIn(network: Network, target: Target, publicKey: string, role: string): Machine {
  const machine = machineAt(network, target.host)
  const refuse = (code: FailureCode) => failWith(code, { builder: target.id, host: target.host })
  if (machine.behind && !isLetThrough(network, target, publicKey)) refuse('UNREACHABLE')
  const isPinned = machine.hostKeys.some((key) => target.hostKeys.some((pinned) => pinned.key === key.key))
  if (!isPinned) refuse('HOST_KEY_CHANGED')
  if (!letsIn(machine, target.user, publicKey, role)) refuse('LOGIN_REFUSED')
  return machine
}

/** Whether the machine in between lets this key go on to that builder and no other. */
function isLetThrough(network: Network, { jump, host }: Target, publicKey: string): boolean {
  if (!jump) return false
  const gate = machineAt(network, jump.host)
  const home = gate.accounts.get(jump.user)?.home
  return linesOf(gate, `${home}/.ssh/authorized_keys`).some(
    (line) => line.includes(`permitopen="${host}:22"`) && line.includes(publicKey),
  )
}
