import { setTimeout } from 'node:timers/promises'
import { seededRandom } from '../fixtures/seeded-random'
import { type Fleet, openFleet } from '../world/fleet/fleet'
import type { Finished } from '../world/fleet/process'
import type { Tree } from '../world/fleet/tree'
import { installHelperOn } from '../world/kit/install-helper'
import { millwright } from '../world/kit/terminal'
import { type ChaosFault, calm, chaosFaults } from './faults'
import { brokenEnding, brokenInvariants } from './invariants'
import { adding, operations } from './operations'

const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const
const builders = ['anna', 'otto'] as const
/** An operation that takes longer than this hangs. */
const patienceMs = 300_000
/** Most operations take about a second, adding a few: early moments come more often. */
const latestMs = 3_000

const paths = ['/etc', '/root', '/home', '/usr/local', '/var/lib/millwright', '/usr/lib/millwright']
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root/.cache', '/root/.local', '/root/.ssh/known_hosts'],
]

export interface ChaosOptions {
  readonly seed: number
  readonly budgetMs: number
  readonly log: (line: string) => void
}

export interface ChaosReport {
  readonly steps: number
  /** Sentences, in order; none when all is well. */
  readonly broken: readonly string[]
}

/**
 * Random operations at the terminal of a real host, each with a random fault at a random moment, until the time is
 * up; then everything is removed. After each step the invariants are checked; in the end every host is as it was.
 */
export async function runChaos({ seed, budgetMs, log }: ChaosOptions): Promise<ChaosReport> {
  const random = seededRandom(seed)
  const oneOf = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new RangeError('nothing to choose from')
    return one
  }
  const broken: string[] = []
  await using fleet = await openFleet({ hosts, diskMiB: 512 })
  const client = fleet.host('client')
  const installed = await installHelperOn(client)
  if (installed.code !== 0) throw new Error(installed.stderr)
  await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
  const before = await trees(fleet)

  const untilMs = performance.now() + budgetMs
  const edits: string[] = []
  let steps = 0
  while (performance.now() < untilMs && broken.length === 0) {
    steps++
    // A run in which no builder was ever there would find nothing.
    const isFirst = steps === 1
    const name = oneOf(builders)
    const operation = (isFirst ? adding : oneOf(operations)).replaceAll('NAME', name)
    const [what, fault] = isFirst ? (['nothing happens', calm] as const) : oneOf(Object.entries(chaosFaults))
    const delayMs = Math.round(random() ** 2 * latestMs)
    const edit = `chaos-${seed}-${steps}`
    const startedMs = performance.now()
    const ended = await withFault(fleet, name, operation, fault, { delayMs, edit })
    if (what === 'somebody saves nix.conf') edits.push(`# ${edit}`)
    const tookMs = Math.round(performance.now() - startedMs)
    log(`${steps}. ${operation} / ${what} after ${delayMs} ms: ${ended.code}, ${tookMs} ms`)
    if (isFirst && ended.code !== 0) broken.push(`nothing happens, and yet: ${ended.stderr}`)
    const found = [...brokenEnding(ended, fault.isFatal === true), ...(await brokenInvariants(client, edits))]
    broken.push(
      ...found.map((sentence) => `step ${steps}, ${operation}, ${what} after ${delayMs} ms: ${sentence}`),
    )
  }
  broken.push(...(await leftovers(fleet, before)))
  return { steps, broken }
}

interface When {
  readonly delayMs: number
  readonly edit: string
}

async function withFault(
  fleet: Fleet<keyof typeof hosts>,
  name: keyof typeof hosts,
  operation: string,
  fault: ChaosFault,
  { delayMs, edit }: When,
): Promise<Finished> {
  const [client, builder] = [fleet.host('client'), fleet.host(name)]
  const running = millwright(client, operation, { timeoutMs: patienceMs })
  // Whichever comes first: what happens may also come after the end.
  await Promise.race([running, setTimeout(delayMs)])
  await fault.happens({ client, builder }, edit)
  const ended = await running
  await fault.mended?.({ client, builder })
  return ended
}

/** Takes everything back as a person would; returns a sentence for whatever does not go, or stays. */
async function leftovers(fleet: Fleet<keyof typeof hosts>, before: Trees): Promise<string[]> {
  const client = fleet.host('client')
  const broken: string[] = []
  for (const line of ['remote-only off --wherever', 'local-only off']) await millwright(client, line)
  for (const name of builders) {
    const { code, stderr } = await millwright(client, `remove ${name} --yes`, { timeoutMs: patienceMs })
    if (code !== 0 && !stderr.includes('no builder')) broken.push(`in the end, remove ${name}: ${stderr}`)
  }
  await client.sh("sed -i '/^# chaos-/d' /etc/nix/nix.conf")
  const after = await trees(fleet)
  for (const host of Object.keys(before) as (keyof Trees)[]) {
    const names = new Set([...Object.keys(before[host]), ...Object.keys(after[host])])
    for (const path of names)
      if (before[host][path] !== after[host][path])
        broken.push(`in the end, on ${host}: ${path} was ${before[host][path]} and is ${after[host][path]}`)
  }
  return broken
}

type Trees = Readonly<Record<keyof typeof hosts, Tree>>

async function trees(fleet: Fleet<keyof typeof hosts>): Promise<Trees> {
  const tree = (name: keyof typeof hosts) => fleet.host(name).tree(paths, { exclude })
  const [client, anna, otto] = await Promise.all([tree('client'), tree('anna'), tree('otto')])
  return { client, anna, otto }
}
