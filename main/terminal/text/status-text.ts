import type { RunningBuild } from '../../../contract/builds'
import type { Failure } from '../../../contract/failure'
import type { Sample } from '../../../contract/health'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { failureWords } from '../../../core/failures/words'
import { isAnswering, wasProbed } from '../../../core/health/probed'
import { doingWords, offeredWords } from '../../../core/status/builder-words'
import { summarise, works } from '../../../core/status/summary'
import { cleanLine } from '../../../core/text/clean-text'
import {
  formatAbout,
  formatAgo,
  formatBytes,
  formatElapsed,
  formatLatency,
  formatOffset,
  plural,
  stateWord,
} from '../../../core/text/format'
import { failureText } from './failure-text'
import { fittingTable, table } from './table'
import { unmanagedText } from './unmanaged-text'

const unknown = '-'
const head = ['Builder', 'State', 'Answers', 'Load', 'Memory free', 'Store free', 'Jobs', 'Building']
/** What a narrow terminal goes without, first to last. */
const dispensable = ['Memory free', 'Answers', 'Store free', 'Load', 'Jobs']

type Shown = Pick<Snapshot, 'builders' | 'unmanaged' | 'builds'>

/** All builders as a table, no wider than `columns` as far as that goes, and below it what is wrong with whom. */
export function statusText({ builders, unmanaged, builds }: Shown, nowMs: number, columns?: number): string {
  const others = unmanagedText(unmanaged)
  if (builders.length === 0) return `${summarise([])}\n${others}`
  const rows = builders.map((builder) => row(builder, builds.running, nowMs))
  const wrong = builders.flatMap(({ id, failure }) => (failure ? [`${titleText(id, failure)}\n`] : []))
  const offered = builders.flatMap(({ id, enabled, alsoOffered = [] }) =>
    alsoOffered.length > 0 ? [`${offeredWords(id, enabled, alsoOffered)}\n`] : [],
  )
  const told = builders.flatMap((builder) => toldWords(builder).map((words) => `${builder.id}: ${words}.\n`))
  const what = wrong.length > 0 ? 'What to do: millwright status and its name.\n' : ''
  const said = [...wrong, what, ...told, ...offered].join('')
  const below = said === '' ? '' : `\n${said}`
  return `${summarise(builders, remoteBuilds(builds.running))}\n${fittingTable(head, rows, dispensable, columns)}${below}${others}`
}

/** One builder with all that is known of how it does, and if something is wrong, the four parts of that. */
export function builderStatusText(builder: BuilderView, { builds }: Shown, nowMs: number): string {
  const { health, proof, failure, user, host, port } = builder
  const sample = health?.sample
  const known = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value]])
  const handshakeAt = health?.handshakeAt ?? proof?.at
  const rows = [
    ['Address', `${user}@${host}:${port}`],
    ['Answers', answersText(builder)],
    ...toldWords(builder).map((words) => ['Note', words]),
    ...known('Load', sample && `${sample.load1.toFixed(1)} of ${plural(sample.cpus, 'CPU')}`),
    ...known('Memory free', sample && freeText(sample.memoryFreeBytes, sample.memoryBytes)),
    ...known('Store free', freeText(sample?.storeFreeBytes, sample?.storeBytes)),
    ...known('Build space free', freeText(sample?.buildFreeBytes)),
    ...known('Full in', health?.fullInMs === undefined ? undefined : `about ${formatAbout(health.fullInMs)}`),
    ...known(
      'Up since',
      sample?.uptimeSeconds === undefined ? undefined : formatAgo(sample.uptimeSeconds * 1000),
    ),
    ...known('Nix', sample?.nixVersion && cleanLine(sample.nixVersion, 40)),
    ...known('Clock', sample?.clockOffsetMs === undefined ? undefined : clockText(sample.clockOffsetMs)),
    ['Jobs', jobsText(builder)],
    ...known('Handshake as root', handshakeAt && formatAgo(nowMs - Date.parse(handshakeAt))),
    ...buildsOn(builder.id, builds.running).map((build) => ['Building', buildText(build, nowMs)]),
  ]
  const wrong = failure ? `\n${failureText(failure)}` : ''
  return `${table([builder.id, stateText(builder, nowMs)], rows)}${wrong}`
}

/** `unreachable for 12 s`; only of what is not well, for a command that has just begun knows no more. */
export function stateText(builder: BuilderView, nowMs: number): string {
  const words = doingWords(builder, nowMs)
  const since = builder.suspendedSince ?? builder.health?.since
  const ageMs = since === undefined ? 0 : nowMs - Date.parse(since)
  return ageMs < 1_000 || builder.state === 'paused' ? words : `${words} for ${formatAbout(ageMs)}`
}

/** Where its word is another: why both are so. */
function toldWords({ state, health }: BuilderView): readonly string[] {
  const told = health?.toldState
  if (told === undefined || state !== health?.state) return []
  return [`the app said ${stateWord(told)} a moment ago, and this look is newer`]
}

/** What happened; the name of the builder stands in most titles anyway. */
function titleText(id: string, failure: Failure): string {
  const { title } = failureWords(failure)
  return title.includes(id) ? `${title}.` : `${id}: ${title}.`
}

function row(builder: BuilderView, running: readonly RunningBuild[], nowMs: number): string[] {
  const sample = isAnswering(builder) ? builder.health?.sample : undefined
  return [
    builder.id,
    stateText(builder, nowMs),
    answersText(builder),
    sample ? loadText(sample) : unknown,
    sample ? formatBytes(sample.memoryFreeBytes) : unknown,
    sample?.storeFreeBytes === undefined ? unknown : formatBytes(sample.storeFreeBytes),
    jobsText(builder),
    namesText(builder, running),
  ]
}

function answersText(builder: BuilderView): string {
  const { health } = builder
  if (!wasProbed(builder)) return 'not looked at'
  if (!isAnswering(builder)) return 'no'
  if (!health?.sample) return works(builder.state) ? unknown : 'no'
  return formatLatency(health.sample.latencyMs)
}

function loadText({ load1, cpus }: Sample): string {
  return `${load1.toFixed(1)} of ${cpus}`
}

function freeText(freeBytes: number | undefined, allBytes?: number): string | undefined {
  if (freeBytes === undefined) return undefined
  return allBytes === undefined
    ? formatBytes(freeBytes)
    : `${formatBytes(freeBytes)} of ${formatBytes(allBytes)}`
}

function clockText(offsetMs: number): string {
  // Its source counts in whole seconds.
  if (Math.abs(offsetMs) < 2_000) return 'right'
  return formatOffset(offsetMs)
}

function jobsText({ runningBuilds, maxJobs }: BuilderView): string {
  return `${runningBuilds ?? '?'} of ${maxJobs}`
}

/** Ours by name; else what the builder itself says of anybody's. */
function namesText(builder: BuilderView, running: readonly RunningBuild[]): string {
  const ours = buildsOn(builder.id, running).map(({ name }) => name || '?')
  const names = ours.length > 0 || !isAnswering(builder) ? ours : (builder.health?.sample?.buildNames ?? [])
  const shown = names.slice(0, 3).map((name) => cleanLine(name, 60))
  return `${shown.join(' ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
}

function buildText({ name, user, startedAt, activity, phase }: RunningBuild, nowMs: number): string {
  const who = user === undefined ? '' : ` for ${user}`
  const elapsed = formatElapsed(nowMs - Date.parse(startedAt))
  return cleanLine(`${name || '?'}${who}, ${phase ?? activity}, ${elapsed}`, 200)
}

function buildsOn(id: string, running: readonly RunningBuild[]): readonly RunningBuild[] {
  return running.filter(({ builder }) => builder === id)
}

function remoteBuilds(running: readonly RunningBuild[]): number {
  return running.filter(({ builder }) => builder !== undefined).length
}
