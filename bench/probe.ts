import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Fleet, openFleet } from '../test/world/fleet/fleet'
import { nodeOnHost } from '../test/world/fleet/on-host'
import { must } from '../test/world/fleet/process'
import { fleetCgroup } from '../test/world/fleet/registry'
import { bundle } from '../test/world/kit/bundle'
import { installHelperOn } from '../test/world/kit/install-helper'
import { type Measured, median } from './support/section'
import { run } from './support/two-sides'

const script = '/opt/probe.cjs'
const key = '/root/monitor-key'
const socket = '/run/bench-master'
const samples = { stream: 100, master: 40, fresh: 20 } as const
type Way = keyof typeof samples
const ways = Object.keys(samples) as Way[]

/** Of one sample, on both machines together. */
interface Cost {
  readonly cpuMs: number
  readonly bytes: number
}

type Pair = Fleet<'client' | 'anna'>

/** What one sample of a builder costs: over the held connection, by a new `ssh`, and by one through a ControlMaster. */
export async function measureProbe(rounds: number): Promise<Measured> {
  await using fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
  const client = fleet.host('client')
  await installHelperOn(client)
  await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
  await run(client, 'add easy@anna --identity /root/key --trust-new-host-key --yes')
  const secrets = JSON.parse(await client.readFile('/root/.local/share/millwright/secrets.json'))
  await client.writeFile(key, secrets['monitor-key'], { mode: '0600' })
  await using stream = await holdStream(fleet)
  await client.must(['sh', '-c', `${ssh('-M -f -N -o ControlPersist=yes')} </dev/null >/dev/null 2>&1`])
  const take: Record<Way, () => Promise<unknown>> = {
    stream: () => stream.take(samples.stream),
    master: () => logIn(fleet, samples.master, '-o ControlMaster=no'),
    fresh: () => logIn(fleet, samples.fresh, '-o ControlPath=none'),
  }
  const costs: Record<Way, Cost[]> = { stream: [], master: [], fresh: [] }
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const way of ways) {
      const cost = await costOf(fleet, samples[way], take[way])
      if (round > 0) costs[way].push(cost)
    }
  }
  await client.sh(ssh('-O exit'))
  return measured(costs)
}

const ssh = (options: string) =>
  [
    `ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes -i ${key}`,
    `${options} -o ControlPath=${socket} nixremote@anna`,
  ].join(' ')

/** Runs `ssh` so many times for a sample each: the key runs the probe, whatever is asked for. */
async function logIn(fleet: Pair, count: number, options: string): Promise<void> {
  const loop = `i=0; while [ $i -lt ${count} ]; do echo | ${ssh(options)} >/dev/null || exit; i=$((i + 1)); done`
  await must(fleet.host('client').enter(['sh', '-c', loop]))
}

/** Starts the app's own monitor on the client, connected to the builder. */
async function holdStream(fleet: Pair) {
  const [client, anna] = [fleet.host('client'), fleet.host('anna')]
  await client.writeFile(script, await bundle('bench/on-host/probe.ts'))
  const hostKeys = (await anna.hostKeys()).map((line) => {
    const [type, text] = line.split(' ')
    return { type, key: text }
  })
  const builder = JSON.stringify({ id: 'anna', host: anna.address, port: 22, user: 'nixremote', hostKeys })
  const [command = '', ...args] = fleet.host('client').enter([nodeOnHost, script, builder, key])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async (what: string) => {
    const { value } = await lines.next()
    if (value !== what) throw new Error(`the monitor said ${value}, not ${what}`)
  }
  await hear('connected')
  return {
    take: async (count: number) => {
      child.stdin.write(`${count}\n`)
      await hear('taken')
    },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}

async function costOf(fleet: Pair, count: number, take: () => Promise<unknown>): Promise<Cost> {
  const before = await readMeters(fleet)
  await take()
  const after = await readMeters(fleet)
  return { cpuMs: (after.cpuMs - before.cpuMs) / count, bytes: (after.bytes - before.bytes) / count }
}

/** CPU that both hosts have used since they began, and what has gone over the client's cable, in both directions. */
async function readMeters(fleet: Pair): Promise<Cost> {
  const usage = readFileSync(join(fleetCgroup(fleet.number), 'cpu.stat'), 'utf8')
  const [, usec] = /^usage_usec (\d+)$/m.exec(usage) ?? []
  const cable = await fleet.host('client').readFile('/proc/net/dev')
  const [, received, sent] = /^ *eth0:\s*(\d+)(?:\s+\d+){7}\s+(\d+)/m.exec(cable) ?? []
  return { cpuMs: Number(usec) / 1000, bytes: Number(received) + Number(sent) }
}

function measured(costs: Record<Way, readonly Cost[]>): Measured {
  const cpuMs = (way: Way) => median(costs[way].map((cost) => cost.cpuMs))
  const bytes = (way: Way) => Math.round(median(costs[way].map((cost) => cost.bytes)))
  const cell = (what: string, way: Way) => ({ what, samplesMs: costs[way].map((cost) => cost.cpuMs) })
  return {
    cells: [
      cell('CPU of a sample: the held connection', 'stream'),
      cell('CPU of a sample: ssh through a ControlMaster', 'master'),
      cell('CPU of a sample: a new ssh', 'fresh'),
    ],
    targets: [
      { what: 'against a new ssh', value: cpuMs('stream') / cpuMs('fresh'), unit: '×', atMost: 0.05 },
      { what: 'against a ControlMaster', value: cpuMs('stream') / cpuMs('master'), unit: '×', atMost: 0.3 },
    ],
    notes: [
      'CPU of both machines together, by their control groups; all three run the same probe.',
      `On the wire a sample takes ${bytes('stream')} bytes, ${bytes('master')} through a ControlMaster, ${bytes('fresh')} by a new ssh.`,
    ],
  }
}
