import { type Fleet, openFleet } from '../../test/world/fleet/fleet'
import type { Host } from '../../test/world/fleet/host'
import { derivation, thisSystem } from '../../test/world/kit/derivation'
import { installHelperOn } from '../../test/world/kit/install-helper'
import { millwright } from '../../test/world/kit/terminal'

/** What both sides tell Nix about a builder, so that they differ in nothing but who wrote it. */
export interface Builder {
  readonly name: 'fast' | 'live'
  readonly jobs: number
  readonly speed: number
}

export type TwoSides = Fleet<'wiki' | 'mill' | 'fast' | 'live'>

/**
 * Two clients that use the same builders: `wiki` as a person sets it up by hand
 * after the wiki's page on distributed builds, `mill` by Millwright's terminal. `fast` calls itself faster.
 */
export async function openTwoSides(builders: readonly Builder[], wiki: WikiOptions = {}): Promise<TwoSides> {
  const fleet = await openFleet({
    hosts: { wiki: 'client', mill: 'client', fast: 'builder', live: 'builder' },
  })
  try {
    await Promise.all([setUpWiki(fleet, builders, wiki), setUpMillwright(fleet, builders)])
    return fleet
  } catch (error) {
    await fleet.close()
    throw error
  }
}

export interface WikiOptions {
  /** Added to each host of the SSH configuration. */
  readonly ssh?: string
}

async function setUpWiki(fleet: TwoSides, builders: readonly Builder[], { ssh = '' }: WikiOptions) {
  const client = fleet.host('wiki')
  const key = '/root/.ssh/nix_builder'
  await client.writeFile(key, fleet.credentials.key.privateKey, { mode: '0600' })
  const known = await Promise.all(
    builders.map(async ({ name }) => (await fleet.host(name).hostKeys()).map((line) => `${name} ${line}\n`)),
  )
  await client.writeFile('/root/.ssh/known_hosts', known.flat().join(''))
  const stanzas = builders.map(
    ({ name }) => `Host nix-${name}\n  HostName ${name}\n  User easy\n  IdentityFile ${key}\n${ssh}`,
  )
  await client.writeFile('/root/.ssh/config', stanzas.join(''))
  await writeMachines(client, builders)
  for (const { name } of builders) {
    const trust = 'echo extra-trusted-users = easy >>/etc/nix/nix.conf && systemctl restart nix-daemon'
    await fleet.host(name).must(['sh', '-c', trust])
  }
}

/** The wiki's machines file, by hand. */
export async function writeMachines(client: Host, builders: readonly Builder[]): Promise<void> {
  const lines = builders.map(
    ({ name, jobs, speed }) =>
      `ssh-ng://nix-${name} ${thisSystem} /root/.ssh/nix_builder ${jobs} ${speed} big-parallel\n`,
  )
  await client.writeFile('/etc/nix/machines', lines.join(''))
}

async function setUpMillwright(fleet: TwoSides, builders: readonly Builder[]): Promise<void> {
  const client = fleet.host('mill')
  await installHelperOn(client)
  await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
  for (const { name, jobs, speed } of builders) {
    const options = `--identity /root/key --trust-new-host-key --yes --max-jobs ${jobs} --speed-factor ${speed}`
    await run(client, `add easy@${name} ${options}`)
  }
}

/** Runs the terminal as root, which must succeed. */
export async function run(client: Host, line: string): Promise<void> {
  const { code, stderr } = await millwright(client, line)
  if (code !== 0) throw new Error(`millwright ${line} ended with ${code}: ${stderr}`)
}

/** Builds small derivations that nobody has built, remotely only, as the desktop's user. Returns milliseconds. */
export function build(client: Host, count: number, on: string): Promise<number> {
  return realise(client, derivations(count), on, ['-j0'])
}

/** The text of a Nix file with small derivations that say where they are built. */
export function derivations(count: number): string {
  return `[\n${Array.from({ length: count }, () => `(${derivation()})\n`).join('')}]`
}

/** Gets what a Nix file describes, as the desktop's user, and makes sure that it was built on that host. */
export async function realise(client: Host, text: string, on: string, options: readonly string[]) {
  const file = '/tmp/bench.nix'
  await client.writeFile(file, text)
  const start = performance.now()
  const built = await client.exec(['nix-build', '--no-out-link', ...options, file], {
    user: 'dev',
    timeoutMs: 300_000,
  })
  const durationMs = performance.now() - start
  const paths = built.stdout.trim().split('\n')
  const where = built.code === 0 ? await client.must(['cat', ...paths]) : built.stderr
  if (where !== `${on}\n`.repeat(paths.length))
    throw new Error(`${client.name}: not built on ${on}: ${where}`)
  return durationMs
}

/** Runs the ways in turn, each round beginning with another. A first round warms up and does not count. */
export async function interleave<Name extends string>(
  rounds: number,
  ways: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(ways) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] as Name
      const sample = await ways[name]()
      if (round > 0) samples[name].push(sample)
    }
  }
  return samples
}
