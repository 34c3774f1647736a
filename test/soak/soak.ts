import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../fixtures/seeded-random'
import type { Usage } from '../load/app-on-host'
import { addMany, type LoadedApp, startLoadedApp } from '../load/load'
import { type Fleet, openFleet } from '../world/fleet/fleet'
import type { Host } from '../world/fleet/host'
import { until } from '../world/fleet/process'
import { type BuilderFault, builderFaults } from '../world/kit/builder-faults'
import { derivation } from '../world/kit/derivation'
import { installHelperOn } from '../world/kit/install-helper'

/**
 * `npm run test:soak -- [--minutes N] [--seed N]`: the composed app with six real builders and forty fakes, thirty
 * times as fast as in life, while something happens to a builder every twenty seconds. What it holds must not grow.
 * Exit status 1 when it does, or when a builder is not well again in the end.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? 20)
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
const real = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5']
const fakes = 40
const faultEveryMs = 20_000
const healAfterMs = 12_000
const jitteredSleep = 'test/soak/quick-wait.ts'

/** What may be held more in the end than before anything happened. */
const allowed = { files: 4, timers: 8, children: 1, warnings: 0, heapBytes: 8e6 } as const
type Held = keyof typeof allowed

const restarted: BuilderFault = { happens: (host) => host.reboot(), mended: async () => undefined }
/** All the fakes at once. */
const stopped: BuilderFault = {
  happens: (host) => host.sh('pkill -STOP -f fakes[.]cjs'),
  mended: (host) => host.sh('pkill -CONT -f fakes[.]cjs'),
}
interface Happening extends BuilderFault {
  readonly name: string
  readonly what: string
}
const happenings: readonly Happening[] = [
  ...real.flatMap((name) =>
    Object.entries({ ...builderFaults, restarted }).map(([what, fault]) => ({ name, what, ...fault })),
  ),
  ...real.map(() => ({ name: 'rack', what: 'unplugged', ...builderFaults.unplugged })),
  ...real.map(() => ({ name: 'rack', what: 'stopped', ...stopped })),
]

async function soak(): Promise<boolean> {
  const hosts = Object.fromEntries(['rack', ...real].map((name) => [name, 'builder' as const]))
  await using fleet = await openFleet<string>({ hosts: { client: 'client', ...hosts }, diskMiB: 1_700 })
  const client = fleet.host('client')
  await installHelperOn(client)
  await addMany(fleet, real, fakes)
  const app = await startLoadedApp(client, jitteredSleep)
  try {
    await allWell(app)
    // What is made but once is there after a loss: it is no growth.
    await loseAll(fleet, app)
    const first = await quiet(app)
    print('before', first)
    await happen(fleet, app)
    await allWell(app)
    return isFlat(first, await quiet(app))
  } finally {
    await app.close()
  }
}

async function loseAll(fleet: Fleet<string>, app: LoadedApp): Promise<void> {
  const builders = ['rack', ...real].map((name) => fleet.host(name))
  await Promise.all(builders.map((host) => host.cutNetwork()))
  await until('all are gone', async () => (await app.seen()).well === 0, 60_000)
  await Promise.all(builders.map((host) => host.mendNetwork()))
  await allWell(app)
}

async function happen(fleet: Fleet<string>, app: LoadedApp): Promise<void> {
  const next = seededRandom(seed)
  const startMs = performance.now()
  const builds: Promise<unknown>[] = []
  for (let minute = 1, n = 0; performance.now() - startMs < minutes * 60_000; n++) {
    const happening = happenings[Math.floor(next() * happenings.length)]
    if (!happening) continue
    const { name, what, happens, mended } = happening
    const host = fleet.host(name)
    console.log(`${clock(performance.now() - startMs)}  ${name} is ${what}`)
    if (next() < 0.5) builds.push(build(fleet.host('client')))
    await happens(host)
    if (next() < 0.3) await app.wake()
    await setTimeout(healAfterMs)
    await mended(host)
    await setTimeout(Math.max(0, startMs + (n + 1) * faultEveryMs - performance.now()))
    if (performance.now() - startMs >= minute * 60_000) print(`minute ${minute++}`, await app.usage())
  }
  await Promise.all(builds)
}

/** Wherever Nix finds a place for it; it may be lost with its builder. */
async function build(client: Host): Promise<void> {
  const path = `/tmp/soak-${Math.random().toString(36).slice(2)}.nix`
  await client.writeFile(path, derivation({ name: 'soak-1.0' }))
  await client.exec(['nix-build', '--no-out-link', path], { user: 'dev', timeoutMs: 60_000 })
}

/** Who was lost again and again has to answer for five minutes before Nix may build there. */
async function allWell(app: LoadedApp): Promise<void> {
  const isWell = async () => {
    const { all, well } = await app.seen()
    return well === all
  }
  await until('all builders are well', isWell, 400_000)
}

/** The least of ten looks: a handshake now and then is no growth. */
async function quiet(app: LoadedApp): Promise<Usage> {
  let least = await app.usage()
  for (let n = 1; n < 10; n++) {
    await setTimeout(1_000)
    const now = await app.usage()
    for (const name of Object.keys(allowed) as Held[])
      if (now[name] < least[name]) least = { ...least, [name]: now[name] }
  }
  return least
}

function isFlat(before: Usage, after: Usage): boolean {
  print('after', after)
  const grown = (Object.keys(allowed) as Held[]).filter((name) => after[name] - before[name] > allowed[name])
  for (const name of grown) console.error(`soak: ${name} grew from ${before[name]} to ${after[name]}`)
  console.log(grown.length === 0 ? 'soak: flat' : `soak: NOT flat; again with --seed ${seed}`)
  return grown.length === 0
}

function print(when: string, { files, timers, children, heapBytes, cpuMs, wallMs }: Usage): void {
  const cpu = `${((100 * cpuMs) / wallMs).toFixed(1)} % of a core`
  const heap = `${(heapBytes / 1e6).toFixed(1)} MB heap`
  console.log(`${when.padEnd(10)} ${files} files, ${timers} timers, ${children} children, ${heap}, ${cpu}`)
}

const clock = (ms: number) =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`

if (process.getuid?.() !== 0 || !(minutes > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run test:soak -- [--minutes N] [--seed N], as root')
  process.exitCode = 2
} else {
  console.log(`soak: ${minutes} min, seed ${seed}`)
  process.exitCode = (await soak()) ? 0 : 1
}
