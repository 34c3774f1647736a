import { setTimeout } from 'node:timers/promises'
import type { Seen, Usage } from '../test/load/app-on-host'
import { addMany, type LoadedApp, startLoadedApp } from '../test/load/load'
import { type Fleet, openFleet } from '../test/world/fleet/fleet'
import { until } from '../test/world/fleet/process'
import { installHelperOn } from '../test/world/kit/install-helper'
import type { Measured } from './support/section'

const realCount = 20
const fakeCount = 480
const steadyMs = 60_000
const real = Array.from({ length: realCount }, (_, n) => `b${n}`)

/** Five hundred builders, twenty of them real: what watching takes, how long all take, and when all are gone. */
export async function measureFleet(): Promise<Measured> {
  const hosts = Object.fromEntries(['rack', ...real].map((name) => [name, 'builder' as const]))
  await using fleet = await openFleet<string>({ hosts: { client: 'client', ...hosts }, diskMiB: 1024 })
  const client = fleet.host('client')
  await installHelperOn(client)

  const empty = await startLoadedApp(client)
  await setTimeout(10_000)
  const idle = await empty.usage()
  await empty.close()

  await addMany(fleet, real, fakeCount)
  const startMs = performance.now()
  const app = await startLoadedApp(client)
  const all = realCount + fakeCount
  const seen = async (what: string, isSo: (seen: Seen) => boolean, deadlineMs: number) => {
    const fromMs = performance.now()
    await until(what, async () => isSo(await app.seen()), deadlineMs)
    return performance.now() - fromMs
  }
  try {
    await seen('a sample of each', ({ fresh }) => fresh >= all, 180_000)
    const firstMs = performance.now() - startMs
    await app.usage()
    await setTimeout(steadyMs)
    const steady = await app.usage()
    await app.wake()
    const sweepMs = await seen('a new sample of each', ({ fresh }) => fresh >= fakeCount, 120_000)
    const gone = await blackhole(fleet, () => seen('all gone', (s) => s.unreachable >= all, 300_000))
    const lost = await app.usage()
    await app.wake()
    const backMs = await seen('all back', ({ fresh }) => fresh >= fakeCount, 300_000)
    const back = await quiet(app)
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
      'of the app’s main process, while root shakes hands with one builder every two seconds, as after each start.',
      `Files open: ${steady.files}, ${lost.files} with all gone, ${back.files} after. Heap: ${Math.round(steady.heapBytes / MB)} MB, ${Math.round(back.heapBytes / MB)} MB after.`,
    ],
  }
}

/** With the fewest files of ten looks: one that reads its records at the moment has some of them open. */
async function quiet(app: LoadedApp): Promise<Usage> {
  let least = await app.usage()
  for (let n = 1; n < 10; n++) {
    await setTimeout(500)
    const now = await app.usage()
    if (now.files < least.files) least = now
  }
  return least
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
