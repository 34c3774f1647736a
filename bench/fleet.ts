import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { type Fleet, openFleet } from '../test/world/fleet'
import type { Host } from '../test/world/host'
import { installHelperOn } from '../test/world/install-helper'
import { nodeOnHost } from '../test/world/on-host'
import { until } from '../test/world/process'
import { bundle } from './bundle'
import type { Seen, Usage } from './fleet/app-on-host'
import type { Measured } from './section'
import { run } from './two-sides'

const realCount = 20
const fakeCount = 480
const firstPort = 10_001
const steadyMs = 60_000
const real = Array.from({ length: realCount }, (_, n) => `b${n}`)
const modules = '/opt/app/node_modules'

/** Five hundred builders, twenty of them real: what watching takes, how long all take, and when all are gone. */
export async function measureFleet(): Promise<Measured> {
  const hosts = Object.fromEntries(['rack', ...real].map((name) => [name, 'builder' as const]))
  await using fleet = await openFleet<string>({ hosts: { client: 'client', ...hosts }, diskMiB: 1024 })
  const client = fleet.host('client')
  await installHelperOn(client)
  await client.writeFile('/opt/app-on-host.cjs', await bundle('fleet/app-on-host.ts'))

  const empty = await startApp(client)
  await setTimeout(10_000)
  const idle = await empty.ask<Usage>('usage')
  await empty.close()

  await addBuilders(fleet)
  const startMs = performance.now()
  const app = await startApp(client)
  const all = realCount + fakeCount
  const seen = async (what: string, isSo: (seen: Seen) => boolean, deadlineMs: number) => {
    const fromMs = performance.now()
    await until(what, async () => isSo(await app.ask<Seen>('health')), deadlineMs)
    return performance.now() - fromMs
  }
  try {
    await seen('a sample of each', ({ fresh }) => fresh >= all, 180_000)
    const firstMs = performance.now() - startMs
    await app.ask<Usage>('usage')
    await setTimeout(steadyMs)
    const steady = await app.ask<Usage>('usage')
    await app.ask('wake')
    const sweepMs = await seen('a new sample of each', ({ fresh }) => fresh >= fakeCount, 120_000)
    const gone = await blackhole(fleet, () => seen('all gone', (s) => s.unreachable >= all, 300_000))
    const lost = await app.ask<Usage>('usage')
    await app.ask('wake')
    const backMs = await seen('all back', ({ fresh }) => fresh >= fakeCount, 300_000)
    const back = await app.ask<Usage>('usage')
    return measured({ idle, steady, lost, back, firstMs, sweepMs, goneMs: gone, backMs })
  } finally {
    await app.close()
  }
}

interface Found {
  readonly idle: Usage
  readonly steady: Usage
  readonly lost: Usage
  readonly back: Usage
  readonly firstMs: number
  readonly sweepMs: number
  readonly goneMs: number
  readonly backMs: number
}

function measured({ idle, steady, lost, back, firstMs, sweepMs, goneMs, backMs }: Found): Measured {
  const MB = 1e6
  const percent = (usage: Usage) => (100 * usage.cpuMs) / usage.wallMs
  return {
    cells: [
      { what: 'all seen, from the start of the app', samplesMs: [firstMs] },
      { what: 'all seen anew, after a wake', samplesMs: [sweepMs] },
      { what: 'all said to be gone, after every packet is dropped', samplesMs: [goneMs] },
      { what: 'all seen again, once packets pass', samplesMs: [backMs] },
    ],
    targets: [
      { what: 'CPU of a core', value: percent(steady), unit: '%', atMost: 5 },
      { what: 'memory over none', value: (steady.rssBytes - idle.rssBytes) / MB, unit: 'MB', atMost: 150 },
      { what: 'event-loop delay, p99', value: steady.delayP99Ms, unit: 'ms', atMost: 50 },
      { what: 'a sweep', value: Math.max(firstMs, sweepMs) / 1000, unit: 's', atMost: 30 },
      { what: 'blackholed', value: goneMs / 1000, unit: 's', atMost: 90 },
      { what: 'files open after, more than before', value: back.files - steady.files, unit: '', atMost: 5 },
    ],
    notes: [
      `${realCount} real hosts and ${fakeCount} of an SSH server in a process of its own, each looked at every 10 s, in a window that shows;`,
      'of the app’s main process, while root shakes hands with one builder a second, as after each start.',
      `Files open: ${steady.files}, ${lost.files} with all gone, ${back.files} after. Heap: ${Math.round(steady.heapBytes / MB)} MB, ${Math.round(back.heapBytes / MB)} MB after.`,
    ],
  }
}

async function addBuilders(fleet: Fleet<string>): Promise<void> {
  const [client, rack] = [fleet.host('client'), fleet.host('rack')]
  await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
  const options = '--identity /root/key --trust-new-host-key --yes --max-jobs 2 --speed-factor 1'
  for (const name of real) await run(client, `add easy@${name} ${options}`)
  await rack.writeFile('/opt/fakes.cjs', await bundle('fleet/fake-builders.ts'))
  await rack.start('fakes', [nodeOnHost, '/opt/fakes.cjs', String(firstPort), String(fakeCount)], {
    env: { NODE_PATH: modules },
  })
  let key = ''
  await until('the rack', async () => {
    key = (await rack.readFile('/var/log/fakes.log')).split(' ')[1]?.trim() ?? ''
    return key !== ''
  })
  await client.writeFile('/opt/register.cjs', await bundle('fleet/register-many.ts'))
  const records = '/root/.local/share/millwright/builders'
  const place = [rack.address, String(firstPort), String(fakeCount), key, records]
  await client.must([nodeOnHost, '/opt/register.cjs', ...place], { timeoutMs: 60_000 })
}

/** Drops every packet to and from all builders, until what is waited for has happened. */
async function blackhole<T>(fleet: Fleet<string>, happens: () => Promise<T>): Promise<T> {
  const builders = ['rack', ...real].map((name) => fleet.host(name))
  await Promise.all(builders.map((host) => host.cutNetwork()))
  try {
    return await happens()
  } finally {
    await Promise.all(builders.map((host) => host.mendNetwork()))
  }
}

async function startApp(client: Host) {
  const argv = [nodeOnHost, '--expose-gc', '/opt/app-on-host.cjs']
  const [command = '', ...args] = client.enter(argv, { env: { NODE_PATH: modules } })
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async () => JSON.parse((await lines.next()).value ?? 'null')
  await hear()
  return {
    ask: async <T>(word: string): Promise<T> => {
      child.stdin.write(`${word}\n`)
      return await hear()
    },
    close: async () => {
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}
