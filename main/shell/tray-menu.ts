import type { JobView } from '../../contract/job'
import type { BuilderView, Snapshot } from '../../contract/snapshot'
import { jobTitle } from '../../core/step-words'
import { countBuilds, summarise, trayState } from '../../core/summary'
import { builderMenu } from './tray-builder'
import { open, separator, type TrayEntry } from './tray-entry'
import { modeEntries } from './tray-modes'

/** All that the tray shows, as a function of the snapshot and, for times of day, of now. */
export interface TrayFace {
  readonly icon: 'idle' | 'building' | 'attention' | 'unreachable' | 'paused'
  readonly tooltip: string
  readonly entries: readonly TrayEntry[]
}

export function trayFace(snapshot: Snapshot, nowMs: number): TrayFace {
  const { builders, jobs } = snapshot
  const builds = countBuilds(builders, jobs)
  const asking = jobs.some(({ state }) => state === 'asking')
  const state = trayState(builders, builds)
  const status = summarise(builders, builds)
  return {
    icon: asking || snapshot.brokenLines.length > 0 ? 'attention' : state === 'none' ? 'idle' : state,
    tooltip: `Millwright: ${status}`,
    entries: [
      { kind: 'text', label: status },
      separator,
      ...section(builders.map((builder) => builderMenu(builder, jobOf(builder.id, jobs), nowMs))),
      ...section(jobs.filter((job) => isRunning(job) && !isKnown(job, builders)).map(jobEntry)),
      open('Add builder…', { to: 'add' }),
      separator,
      ...section(modeEntries(snapshot)),
      open('Open Millwright'),
      { kind: 'action', label: 'Quit', action: { kind: 'quit' }, enabled: true },
    ],
  }
}

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
