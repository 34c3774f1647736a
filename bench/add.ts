import { type Fleet, openFleet } from '../test/world/fleet/fleet'
import { countAnswers } from './support/answers'
import { type Login, type WayName, wayNames, ways } from './support/ways'

const builder = 'anna'
/** A machine to log in to with a key, where sudo asks for nothing or for a password. */
export const loginUsers = { 'sudo without password': 'easy', 'sudo with password': 'admin' } as const
export type LoginKind = keyof typeof loginUsers

export interface Sample {
  readonly durationMs: number
  readonly steps: Readonly<Record<string, number>>
}

export type Samples = Readonly<Record<LoginKind, Readonly<Record<WayName, readonly Sample[]>>>>

/**
 * Adds a builder by every way, round by round, each time on machines that nobody has touched. The first round
 * warms the machine's caches and does not count; each later one begins with another way.
 */
export async function measureAdd(rounds: number, tell: (line: string) => void): Promise<Samples> {
  const samples = emptySamples()
  for (let round = 0; round <= rounds; round++) {
    for (const kind of Object.keys(loginUsers) as LoginKind[]) {
      for (const way of rotate(wayNames, round)) {
        const sample = await addOnce(way, kind)
        if (round > 0) samples[kind][way].push(sample)
        const label = round === 0 ? 'warming up' : `round ${round} of ${rounds}`
        tell(`${label}: ${way}, ${kind}: ${Math.round(sample.durationMs)} ms`)
      }
    }
  }
  return samples
}

/** How often a person is asked who gives no option at all, at a terminal of the client. */
export async function answersFor(kind: LoginKind): Promise<readonly string[]> {
  await using fleet = await freshFleet()
  await ways.millwright.prepare?.(fleet.host('client'))
  return await countAnswers(fleet.host('client'), loginTo(fleet, kind), builder)
}

async function addOnce(name: WayName, kind: LoginKind): Promise<Sample> {
  await using fleet = await freshFleet()
  const client = fleet.host('client')
  const way = ways[name]
  await way.prepare?.(client)
  const { argv, input } = way.command(loginTo(fleet, kind), builder)
  const start = performance.now()
  const { code, stdout, stderr } = await client.exec(argv, {
    timeoutMs: 120_000,
    ...(input === undefined ? {} : { input }),
  })
  const durationMs = performance.now() - start
  if (code !== 0) throw new Error(`${name} ended with status ${code}:\n${stdout}${stderr}`)
  await verify(fleet, way.evidence(stdout))
  return { durationMs, steps: way.steps?.(stdout) ?? {} }
}

/** The output exists in both stores, and says that the builder made it. */
async function verify(fleet: Fleet<'client' | 'anna'>, evidence: { builtOn: string; outPath: string }) {
  const texts = await Promise.all(
    fleet.hosts.map((host) => host.must(['sh', '-c', 'sed -n 2p "$0"', evidence.outPath])),
  )
  if (evidence.builtOn === builder && texts.every((text) => text.trim() === builder)) return
  throw new Error(`not built on ${builder}: ${JSON.stringify({ evidence, texts })}`)
}

/** The versions that take part, as the hosts tell them. */
export async function versionsOnHosts() {
  await using fleet = await freshFleet()
  const say = async (command: string) =>
    (await fleet.host('client').must(['sh', '-c', command])).split('\n')[0]
  return {
    nix: await say('nix --version'),
    ssh: await say('ssh -V 2>&1'),
    ansible: await say('ansible-playbook --version'),
  }
}

/** Two machines that know nothing of each other, but root of the client has a key that the builder lets in. */
async function freshFleet(): Promise<Fleet<'client' | 'anna'>> {
  const fleet = await openFleet({
    hosts: { client: 'client-ansible', anna: 'builder-python' },
  })
  const { key } = fleet.credentials
  await fleet.host('client').writeFile('/root/.ssh/id_ed25519', key.privateKey, { mode: '0600' })
  return fleet
}

function loginTo({ credentials }: Fleet<'client' | 'anna'>, kind: LoginKind): Login {
  const user = loginUsers[kind]
  const sudoPassword = credentials.passwords[user]
  return kind === 'sudo with password' && sudoPassword !== undefined ? { user, sudoPassword } : { user }
}

function emptySamples(): Record<LoginKind, Record<WayName, Sample[]>> {
  const none = () => ({ millwright: [], ansible: [], script: [] })
  return { 'sudo without password': none(), 'sudo with password': none() }
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const cut = by % list.length
  return [...list.slice(cut), ...list.slice(0, cut)]
}
