import type { JobView } from '../../contract/job'
import type { BuilderView } from '../../contract/snapshot'
import { plural, type ShownState } from '../text/format'

export interface SummaryInput {
  readonly state: ShownState
}

/** What the tray's icon shows; each differs in shape, not only in colour. */
export type TrayState = 'none' | 'idle' | 'building' | 'attention' | 'unreachable' | 'paused'

const working: readonly ShownState[] = ['ready', 'building', 'slow']
const resting: readonly ShownState[] = ['paused']
/** Suspended is unreachable, only without Nix waiting for it. */
export const lost: readonly ShownState[] = ['unreachable', 'suspended']
/** Only a person can put these right. */
export const asking: readonly ShownState[] = ['not-used', 'needs-you', 'refused', 'nix-broken', 'disk-low']

/** Whether builds go there and come back, quickly or not. */
export function works(state: ShownState): boolean {
  return working.includes(state)
}

function count(builders: readonly SummaryInput[], states: readonly ShownState[]): number {
  return builders.filter(({ state }) => states.includes(state)).length
}

/** The status line of tray and window: `2 of 3 builders ready · 4 builds`. */
export function summarise(builders: readonly SummaryInput[], runningBuilds = 0): string {
  const builds = runningBuilds > 0 ? ` · ${plural(runningBuilds, 'build')}` : ''
  return `${summariseBuilders(builders)}${builds}`
}

function summariseBuilders(builders: readonly SummaryInput[]): string {
  const total = builders.length
  const ready = count(builders, ['ready', 'building'])
  const slow = count(builders, ['slow'])
  const isAll = (states: readonly ShownState[]) => count(builders, states) === total
  if (total === 0) return 'No builders yet'
  if (ready === total) return total === 1 ? '1 builder ready' : `All ${total} builders ready`
  if (isAll(resting)) return total === 1 ? 'Builder paused' : `All ${total} builders paused`
  if (isAll(lost)) return total === 1 ? 'Builder unreachable' : `All ${total} builders unreachable`
  if (slow > 0) return total === 1 ? 'Builder slow' : `${ready} of ${total} builders ready, ${slow} slow`
  if (ready === 0) return total === 1 ? 'Builder not ready' : `None of ${total} builders ready`
  return `${ready} of ${total} builders ready`
}

/** What only a person can put right outweighs everything; then what works; then why nothing does. */
export function trayState(builders: readonly SummaryInput[], runningBuilds = 0): TrayState {
  if (builders.length === 0) return 'none'
  if (count(builders, asking) > 0) return 'attention'
  if (runningBuilds > 0 || count(builders, ['building']) > 0) return 'building'
  if (count(builders, working) > 0) return 'idle'
  if (count(builders, resting) === builders.length) return 'paused'
  return count(builders, lost) > 0 ? 'unreachable' : 'idle'
}

/** All builds that run there for this computer. A proof holds a slot like any other, so it is not counted twice. */
export function countBuilds(
  builders: readonly Pick<BuilderView, 'id' | 'runningBuilds'>[],
  jobs: readonly JobView[],
): number {
  const proofs = jobs.filter(({ steps }) =>
    steps.some(({ name, state }) => name === 'prove' && state === 'running'),
  )
  const slots = new Map(builders.map(({ id, runningBuilds = 0 }) => [id, runningBuilds]))
  const uncounted = proofs.filter(({ builderId }) => !slots.get(builderId)).length
  return [...slots.values()].reduce((sum, running) => sum + running, uncounted)
}
