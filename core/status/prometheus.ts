import type { BuilderView, Snapshot } from '../../contract/snapshot'
import { type BuilderState, builderStates } from '../../contract/snapshot'
import { isAnswering, wasProbed } from '../health/probed'

type Labels = Readonly<Record<string, string>>

/** One value of a metric; one that is not known is left out. */
interface Value {
  readonly labels: Labels
  readonly value: number | undefined
}

interface Metric {
  readonly name: string
  readonly help: string
  readonly values: readonly Value[]
}

/** What of a builder is a number, by the rules of metric names: base units, and the unit in the name. */
const ofBuilders: Readonly<Record<string, readonly [string, (builder: BuilderView) => number | undefined]>> =
  {
    up: ['Whether the builder answered, 1 or 0; absent when it was not looked at.', isUp],
    enabled: ['Whether Nix may build there, 1 or 0.', ({ enabled }) => Number(enabled)],
    latency_seconds: [
      'From asking the builder to its answer.',
      ({ health }) => scaled(health?.sample?.latencyMs, 1e-3),
    ],
    load1: ['Load average of one minute.', ({ health }) => health?.sample?.load1],
    cpus: ['CPUs of the builder.', ({ health }) => health?.sample?.cpus],
    cpu_pressure_ratio: [
      'Share of the last 10 s in which some task waited for a CPU.',
      ({ health }) => scaled(health?.sample?.cpuPressure, 1e-2),
    ],
    memory_pressure_ratio: [
      'Share of the last 10 s in which some task waited for memory.',
      ({ health }) => scaled(health?.sample?.memoryPressure, 1e-2),
    ],
    memory_bytes: ['Memory of the builder.', ({ health }) => health?.sample?.memoryBytes],
    memory_free_bytes: ['Memory that is available there.', ({ health }) => health?.sample?.memoryFreeBytes],
    store_bytes: ['Size of the file system of its store.', ({ health }) => health?.sample?.storeBytes],
    store_free_bytes: ['Space left for its store.', ({ health }) => health?.sample?.storeFreeBytes],
    build_free_bytes: ['Space left where builds are made.', ({ health }) => health?.sample?.buildFreeBytes],
    uptime_seconds: ['Since the builder was started.', ({ health }) => health?.sample?.uptimeSeconds],
    clock_offset_seconds: [
      'Its clock minus that of this computer.',
      ({ health }) => scaled(health?.sample?.clockOffsetMs, 1e-3),
    ],
    running_builds: ['Builds of anybody that run there.', ({ health }) => health?.sample?.builds],
    slots: ['Builds that Nix sends there at once, at most.', ({ maxJobs }) => maxJobs],
    slots_used: ['Builds of this computer that run there.', ({ runningBuilds }) => runningBuilds],
    last_handshake_timestamp_seconds: [
      'When a handshake as root last passed, or a real build.',
      ({ health, proof }) => scaled(latest(health?.handshakeAt, proof?.at), 1e-3),
    ],
  }

type Shown = Pick<Snapshot, 'builders' | 'builds' | 'modes'>

/**
 * What is known of the builders in the text format 0.0.4 of Prometheus, for a textfile collector
 * (prometheus.io/docs/instrumenting/exposition_formats).
 */
export function prometheusText({ builders, builds, modes }: Shown): string {
  const metrics: Metric[] = [
    ...Object.entries(ofBuilders).map(([name, [help, read]]) => ({
      name: `millwright_builder_${name}`,
      help,
      values: builders.map((builder) => ({ labels: { builder: builder.id }, value: read(builder) })),
    })),
    {
      name: 'millwright_builder_state',
      help: 'The state of the builder: 1 for the one that it is in, 0 for every other.',
      values: builders.flatMap(({ id, state }) => builderStates.map((one) => stateValue(id, one, state))),
    },
    single(
      'running_builds',
      'Builds of this computer’s Nix that run now, here and elsewhere.',
      builds.feed === 'none' ? undefined : builds.running.length,
    ),
    single(
      'remote_only',
      'Whether nothing is built on this computer itself, 1 or 0.',
      Number(modes.remoteOnly.inForce),
    ),
    single('local_only', 'Whether no builder is used, 1 or 0.', Number(modes.localOnly.inForce)),
  ]
  return metrics.map(metricText).join('')
}

function single(name: string, help: string, value: number | undefined): Metric {
  return { name: `millwright_${name}`, help, values: [{ labels: {}, value }] }
}

function stateValue(builder: string, state: BuilderState, now: BuilderState): Value {
  return { labels: { builder, state }, value: Number(state === now) }
}

/** A metric without values is left out whole. */
function metricText({ name, help, values }: Metric): string {
  const lines = values.flatMap(({ labels, value }) =>
    value === undefined || !Number.isFinite(value) ? [] : [`${name}${labelText(labels)} ${value}\n`],
  )
  if (lines.length === 0) return ''
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

/** Backslash, quote and line feed are escaped in the value of a label; in help the quote is not. */
function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function isUp(builder: BuilderView): number | undefined {
  return wasProbed(builder) ? Number(isAnswering(builder)) : undefined
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : Number((value * factor).toPrecision(12))
}

function latest(...times: readonly (string | undefined)[]): number | undefined {
  const known = times
    .flatMap((time) => (time === undefined ? [] : [Date.parse(time)]))
    .filter(Number.isFinite)
  return known.length > 0 ? Math.max(...known) : undefined
}
