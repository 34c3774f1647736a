import type { Navigation } from '../../contract/commands'
import type { JobView } from '../../contract/job'
import type { BuilderView, Snapshot } from '../../contract/snapshot'
import { stateWord } from '../../core/format'
import { jobTitle } from '../../core/step-words'
import { summarise, trayState } from '../../core/summary'

/** What a menu entry does, as data. */
export type TrayAction =
  | { readonly kind: 'open'; readonly navigation?: Navigation }
  | {
      readonly kind: 'call'
      readonly name: 'pause-builder' | 'resume-builder' | 'test-builder'
      readonly id: string
    }
  | { readonly kind: 'quit' }

export type TrayEntry =
  | { readonly kind: 'separator' }
  | { readonly kind: 'text'; readonly label: string }
  | {
      readonly kind: 'action'
      readonly label: string
      readonly action: TrayAction
      readonly enabled: boolean
    }
  | { readonly kind: 'submenu'; readonly label: string; readonly entries: readonly TrayEntry[] }

/** All that the tray shows, as a function of the snapshot. */
export interface TrayFace {
  readonly icon: 'idle' | 'building' | 'attention' | 'unreachable' | 'paused'
  readonly tooltip: string
  readonly entries: readonly TrayEntry[]
}

export function trayFace(snapshot: Snapshot): TrayFace {
  const { builders, jobs } = snapshot
  const proofs = jobs.filter((job) =>
    job.steps.some(({ name, state }) => name === 'prove' && state === 'running'),
  )
  const asking = jobs.some(({ state }) => state === 'asking')
  const state = trayState(builders, proofs.length)
  const status = summarise(builders, proofs.length)
  return {
    icon: asking || snapshot.brokenLines.length > 0 ? 'attention' : state === 'none' ? 'idle' : state,
    tooltip: `Millwright: ${status}`,
    entries: [
      text(status),
      separator,
      ...section(builders.map((builder) => builderMenu(builder, jobOf(builder.id, jobs)))),
      ...section(jobs.filter((job) => isRunning(job) && !isKnown(job, builders)).map(jobEntry)),
      open('Add builder…', { to: 'add' }),
      separator,
      open('Open Millwright'),
      action('Quit', { kind: 'quit' }),
    ],
  }
}

const separator: TrayEntry = { kind: 'separator' }
const text = (label: string): TrayEntry => ({ kind: 'text', label })
const action = (label: string, does: TrayAction, enabled = true): TrayEntry => ({
  kind: 'action',
  label,
  action: does,
  enabled,
})
const open = (label: string, navigation?: Navigation): TrayEntry =>
  action(label, { kind: 'open', ...(navigation ? { navigation } : {}) })
const section = (entries: readonly TrayEntry[]): readonly TrayEntry[] =>
  entries.length > 0 ? [...entries, separator] : []

const isRunning = ({ state }: JobView) => state === 'running' || state === 'asking' || state === 'undoing'
const isKnown = (job: JobView, builders: readonly BuilderView[]) =>
  builders.some(({ id }) => id === job.builderId)
const jobOf = (id: string, jobs: readonly JobView[]) =>
  jobs.find((job) => job.builderId === id && isRunning(job))

function builderMenu({ id, state, enabled }: BuilderView, job: JobView | undefined): TrayEntry {
  const idle = job === undefined
  const words = job ? `${jobTitle(job.kind, id)}…` : `${id}: ${stateWord(state)}`
  const call = (label: string, name: Extract<TrayAction, { kind: 'call' }>['name']) =>
    action(label, { kind: 'call', name, id }, idle)
  return {
    kind: 'submenu',
    label: words,
    entries: [
      enabled ? call('Pause', 'pause-builder') : call('Resume', 'resume-builder'),
      call('Send a test build', 'test-builder'),
      separator,
      open('Show', { to: 'builder', id }),
    ],
  }
}

/** A builder on its way in has no page yet: its entry opens the sheet that shows the work. */
function jobEntry(job: JobView): TrayEntry {
  return open(`${jobTitle(job.kind, job.builderId)}…`, { to: 'add' })
}
