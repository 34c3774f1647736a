import { type ChildProcess, spawn } from 'node:child_process'
import { must } from './process'

/** The switch that a fleet's hosts hang on, in a network namespace that nothing of the machine's reaches. */
export interface Switchboard {
  readonly keeper: ChildProcess
  readonly pid: number
}

/** Opens the namespace with its bridge. It lasts as long as the keeper's standard input is open. */
export async function openSwitchboard(number: number): Promise<Switchboard> {
  const script =
    'ip link set lo up && ip link add br0 type bridge && ip link set br0 up && echo up && read -r _'
  const keeper = spawn('unshare', ['-n', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    keeper.once('error', reject)
    keeper.once('exit', () => reject(new Error('the fleet has no network: `unshare -n` failed')))
    keeper.stdout.once('data', () => resolve())
  })
  const switchboard = { keeper, pid: keeper.pid ?? 0 }
  await batch(switchboard, [`addr add 10.213.${number}.1/24 dev br0`])
  return switchboard
}

/** Runs a cable from the bridge to a host, which sees its end as eth0. */
export async function plugIn(board: Switchboard, index: number, hostPid: number): Promise<void> {
  await batch(board, [
    `link add port${index} type veth peer name eth0 netns ${hostPid}`,
    `link set port${index} master br0 up`,
  ])
}

/** Makes an address that swallows every packet sent to it, as a host behind a silent firewall does. */
export async function swallow(board: Switchboard, address: string): Promise<void> {
  await batch(board, [`addr add ${address}/24 dev br0`])
  const rules = `add table ip hole
add chain ip hole in { type filter hook input priority 0; }
add rule ip hole in ip daddr ${address} drop
`
  await must(['nsenter', '-t', String(board.pid), '-n', 'nft', '-f', '-'], { input: rules })
}

async function batch(board: Switchboard, lines: readonly string[]): Promise<void> {
  const argv = ['nsenter', '-t', String(board.pid), '-n', 'ip', '-batch', '-']
  await must(argv, { input: `${lines.join('\n')}\n` })
}
