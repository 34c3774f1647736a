import type { AddOptions } from '../../contract/commands'
import type { Protocol } from '../../contract/grammar'
import type { Derived, RemoteFacts } from '../../contract/remote'
import { isAtLeast, type NixVersion } from '../nix/nix-version'
import { formatBytes, plural } from '../text/format'

/** What a machines file says of a builder, found by looking and measuring unless the person said otherwise. */
export interface BuilderSettings {
  readonly user: string
  readonly protocol: Protocol
  readonly systems: readonly string[]
  readonly supportedFeatures: readonly string[]
  readonly mandatoryFeatures: readonly string[]
  readonly maxJobs: number
  /** A suggestion to show: each client sends its own `cores` with a build. */
  readonly coresPerJob: number
  readonly speedFactor: number
}

/** A value with how it was found. */
interface Found<T> {
  readonly value: T
  readonly how: string
}

export interface DeriveInput {
  readonly facts: RemoteFacts
  readonly nix: NonNullable<RemoteFacts['nix']>
  readonly versions: { readonly local: NixVersion | undefined; readonly remote: NixVersion }
  readonly localSpeedScore: number | undefined
  readonly options: AddOptions
  readonly user: string
}

const gibibyte = 2 ** 30
const byYou = 'as you set it'

/** Every setting and, for the plan, how each was found. */
export function deriveSettings(input: DeriveInput): {
  readonly settings: BuilderSettings
  readonly derived: Derived[]
} {
  const { options, facts, nix } = input
  const chosen = <T>(value: T | undefined, found: Found<T>): Found<T> =>
    value === undefined ? found : { value, how: byYou }
  const protocol = chosen(options.protocol, findProtocol(input))
  const systems = chosen<readonly string[]>(options.systems, findSystems(nix))
  const features = chosen<readonly string[]>(options.supportedFeatures, findFeatures(facts, nix))
  const mandatory = chosen<readonly string[]>(options.mandatoryFeatures, {
    value: [],
    how: 'takes any build',
  })
  const cores = findCores(facts)
  const jobs = chosen(options.maxJobs, findJobs(facts, cores.value))
  const speed = chosen(options.speedFactor, findSpeed(facts.speedScore, input.localSpeedScore))
  const rows: [string, Found<string | number | readonly string[]>][] = [
    ['protocol', protocol],
    ['systems', systems],
    ['supportedFeatures', features],
    ['mandatoryFeatures', mandatory],
    ['maxJobs', jobs],
    ['coresPerJob', cores],
    ['speedFactor', speed],
  ]
  return {
    settings: {
      user: input.user,
      protocol: protocol.value,
      systems: systems.value,
      supportedFeatures: features.value,
      mandatoryFeatures: mandatory.value,
      maxJobs: jobs.value,
      coresPerJob: cores.value,
      speedFactor: speed.value,
    },
    derived: rows.map(([name, { value, how }]) => ({
      name,
      value: typeof value === 'object' ? value.join(', ') : String(value),
      how,
    })),
  }
}

/** `ssh-ng`, but where one side is 2.3 (which has it half) or Lix asks for more than the other side speaks. */
function findProtocol({ versions: { local, remote } }: DeriveInput): Found<Protocol> {
  if (!isAtLeast(remote, 2, 4) || (local && !isAtLeast(local, 2, 4))) {
    return { value: 'ssh', how: 'Nix 2.3 speaks ssh-ng only in part' }
  }
  if (local?.flavour === 'lix' && isAtLeast(local, 2, 94) && !isAtLeast(remote, 2, 18)) {
    return { value: 'ssh', how: 'this Lix needs Nix 2.18 on the other side for ssh-ng' }
  }
  return { value: 'ssh-ng', how: 'both sides speak it' }
}

/** Every system that its Nix would build for. */
export function buildableSystems({ system, extraPlatforms }: NonNullable<RemoteFacts['nix']>): string[] {
  return [...new Set([system, ...extraPlatforms])].filter((name) => /^[a-z0-9_]+-[a-z0-9]+$/.test(name))
}

function findSystems(nix: NonNullable<RemoteFacts['nix']>): Found<string[]> {
  const value = buildableSystems(nix).slice(0, 16)
  return { value, how: value.length > 1 ? 'its own, and those its Nix lists as extra-platforms' : 'its own' }
}

/**
 * A promise that the builder cannot keep fails builds, so only what its Nix lists is offered. Never
 * `benchmark`: nobody knows how quiet the machine is.
 */
function findFeatures(
  { kvm, cpus, memoryBytes }: RemoteFacts,
  nix: NonNullable<RemoteFacts['nix']>,
): Found<string[]> {
  const isBig = cpus >= 4 && memoryBytes >= 7 * gibibyte
  const rules = new Map([
    ['benchmark', false],
    ['big-parallel', isBig],
    ['kvm', kvm],
    ['nixos-test', kvm],
  ])
  // A login user who may not open /dev/kvm does not see it in the list that the daemon has.
  const listed = new Set([...nix.systemFeatures, ...(kvm ? ['kvm'] : [])])
  const value = [...listed]
    .filter((name) => rules.get(name) ?? /^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/.test(name))
    .sort()
    .slice(0, 32)
  const how = [
    kvm ? 'builds there may use /dev/kvm' : 'builds there cannot use /dev/kvm',
    `${plural(cpus, 'CPU')} and ${formatBytes(memoryBytes)} ${isBig ? 'are' : 'are not'} enough for big-parallel`,
  ]
  return { value, how: how.join('; ') }
}

function findCores({ cpus }: RemoteFacts): Found<number> {
  const value = cpus >= 16 ? 4 : cpus >= 4 ? 2 : 1
  return { value, how: `of ${plural(cpus, 'CPU')}` }
}

/** Jobs × cores never exceed the CPUs, and each job has a GiB of memory. */
function findJobs({ cpus, memoryBytes }: RemoteFacts, cores: number): Found<number> {
  const byCpu = Math.floor(cpus / cores)
  const byMemory = Math.floor(memoryBytes / gibibyte)
  const value = Math.min(Math.max(Math.min(byCpu, byMemory), 1), 1024)
  return {
    value,
    how: byMemory < byCpu ? 'a GiB of memory each' : `${plural(cpus, 'CPU')}, ${cores} for each job`,
  }
}

/** An integer, because Nix before 2.20 reads nothing else. */
function findSpeed(there: number | undefined, here: number | undefined): Found<number> {
  if (!there || !here) return { value: 1, how: 'not measured' }
  const ratio = there / here
  return {
    value: Math.min(Math.max(Math.round(ratio), 1), 1000),
    how: `measured: ${ratio.toFixed(1)} times as fast as this computer`,
  }
}
