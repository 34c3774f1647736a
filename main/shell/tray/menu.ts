import type { JobView } from '../../../contract/job'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { jobTitle } from '../../../core/jobs/words'
import { asking, countBuilds, lost, summarise, trayState } from '../../../core/status/summary'
import { unmanagedState } from '../../../core/status/unmanaged-words'
import { worstProblemLine } from '../../../core/status/worst-problem'
import { cleanLine } from '../../../core/text/clean-text'
import { plural } from '../../../core/text/format'
import { builderMenu } from './builder-menu'
import { open, separator, type TrayEntry } from './entry'
import { modeEntries } from './mode-entries'

/** All that the tray shows, as a function of the snapshot and, for times of day, of now. */
export interface TrayFace {
  readonly icon: 'idle' | 'building' | 'attention' | 'unreachable' | 'paused'
  readonly tooltip: string
  /** Beside the icon, on macOS alone: how many builds run. */
  readonly title: string
  readonly entries: readonly TrayEntry[]
}

export function trayFace(snapshot: Snapshot, nowMs: number): TrayFace {
  const { builders, jobs } = snapshot
  const trouble = worstProblemLine(builders, nowMs)
  const { shown, more } = mostUrgent(builders, jobs)
  const builds = countBuilds(builders, jobs)
  const isAsked = jobs.some(({ state }) => state === 'asking')
  const state = trayState(builders, builds)
  const status = summarise(builders, builds)
  return {
    icon: isAsked || snapshot.brokenLines.length > 0 ? 'attention' : state === 'none' ? 'idle' : state,
    tooltip: [`Millwright: ${status}`, ...(trouble ? [trouble] : [])].join('\n'),
    title: builds > 0 ? String(builds) : '',
    entries: [
      { kind: 'text', label: status },
      separator,
      ...section([
        ...shown.map((builder) => builderMenu(builder, jobOf(builder.id, jobs), nowMs)),
        ...(more > 0 ? [open(`and ${more} more…`, { to: 'builders' })] : []),
      ]),
      ...section(unmanagedEntries(snapshot.unmanaged)),
      ...section(jobs.filter((job) => isRunning(job) && !isKnown(job, builders)).map(jobEntry)),
      open('Add builder…', { to: 'add' }),
      separator,
      ...section(modeEntries(snapshot)),
      open(builds > 0 ? `${plural(builds, 'build')}…` : 'Builds…', { to: 'builds' }),
      open('Open Millwright'),
      open('Settings…', { to: 'settings' }),
      { kind: 'action', label: 'Quit', action: { kind: 'quit' }, enabled: true },
    ],
  }
}

/** More than a screen holds serve nobody. */
const mostShown = 30

/** All builders where they are few; of many those that ask for the person, are at work or are lost come first. */
function mostUrgent(builders: readonly BuilderView[], jobs: readonly JobView[]) {
  if (builders.length <= mostShown) return { shown: builders, more: 0 }
  const busy = new Set(jobs.filter(isRunning).map(({ builderId }) => builderId))
  const rank = ({ id, state, runningBuilds = 0 }: BuilderView) => {
    if (asking.includes(state) || busy.has(id)) return 0
    if (state === 'building' || runningBuilds > 0) return 1
    return lost.includes(state) ? 2 : 3
  }
  const ranked = builders.map((builder) => ({ builder, rank: rank(builder) })).sort((a, b) => a.rank - b.rank)
  return {
    shown: ranked.slice(0, mostShown).map(({ builder }) => builder),
    more: builders.length - mostShown,
  }
}

/** Named, and no more: what they are is for the window to show. */
function unmanagedEntries(unmanaged: Snapshot['unmanaged']): readonly TrayEntry[] {
  const others = unmanaged.filter(({ builder }) => builder === undefined)
  const more = others.length - mostOthers
  return [
    ...others
      .slice(0, mostOthers)
      .map((one) =>
        open(`${cleanLine(one.name, 60)}: not managed, ${unmanagedState(one)}`, { to: 'builders' }),
      ),
    ...(more > 0 ? [open(`and ${more} more, not managed…`, { to: 'builders' })] : []),
  ]
}

const mostOthers = 10

const section = (entries: readonly TrayEntry[]): readonly TrayEntry[] =>
  entries.length > 0 ? [...entries, separator] : []

const isRunning = ({ state }: JobView) => state === 'running' || state === 'asking' || state === 'undoing'
const isKnown = (job: JobView, builders: readonly BuilderView[]) =>
  builders.some(({ id }) => id === job.builderId)
const jobOf = (id: string, jobs: readonly JobView[]) =>
  jobs.find((job) => job.builderId === id && isRunning(job))

/** What is about no builder that is known yet has no page: its entry opens the window, which shows the work. */
function jobEntry(job: JobView): TrayEntry {
  return open(
    `${jobTitle(job.kind, job.builderId)}…`,
    job.kind === 'add' ? { to: 'add' } : { to: 'builders' },
  )
}
