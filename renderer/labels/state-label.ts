import type { Failure } from '../../contract/failure'
import type { JobView } from '../../contract/job'
import type { BuilderState, BuilderView } from '../../contract/snapshot'
import { failureWords } from '../../core/failures/words'
import { jobRow } from '../../core/jobs/kinds'
import { doingWords, finishWords } from '../../core/status/builder-words'
import { formatAbout, formatAgo, formatBytes } from '../../core/text/format'
import type { DotState } from '../components/signs/state-dot'

export interface StateLabel {
  /** Its state in a word or two, beginning a line. */
  readonly word: string
  /** Why, where there is a reason to give. */
  readonly why?: string
}

/** Whether a job still has something to do. */
export const isActive = ({ state }: JobView): boolean =>
  state === 'running' || state === 'asking' || state === 'undoing'

/** A builder's dot: busy while something is done with it or built there, else its state. */
export function dotForState({ state, runningBuilds = 0 }: BuilderView, job: JobView | undefined): DotState {
  if (job && isActive(job)) return 'busy'
  return state === 'ready' && runningBuilds > 0 ? 'busy' : state
}

/** What stands beside the dot: what is being done with the builder now, else its state and why. */
export function stateLabel(builder: BuilderView, job: JobView | undefined, nowMs: number): StateLabel {
  const { state, failure, runningBuilds = 0, suspendedSince } = builder
  if (job && isActive(job)) {
    // The name stands right above.
    const word = jobRow(job.kind).doing
    const isWaiting = job.kind === 'pause' && runningBuilds > 0
    return { word, ...(isWaiting ? { why: finishWords(runningBuilds) } : {}) }
  }
  const word = `${capital(doingWords(builder, nowMs))}${lasting(builder, nowMs)}`
  const why = state === 'disk-low' ? fillingWords(builder) : failure && reasonWords(builder, failure)
  if (state === 'suspended' && suspendedSince !== undefined) {
    const ago = formatAgo(nowMs - Date.parse(suspendedSince))
    return { word: `${word} ${ago}`, why: `${why ? `${why} · ` : ''}Nix does not wait for it` }
  }
  return { word, ...(why ? { why } : {}) }
}

/** Whether watching gets no answer, so that what is shown is what was last seen. */
export const isLost = (state: BuilderState): boolean => state === 'unreachable' || state === 'refused'

/** Whether it is watched and answers. */
export const isAnswering = ({ health }: BuilderView): boolean => health !== undefined && !isLost(health.state)

/** ` for 12 min`: how long it has been out of order, once that is worth saying. */
function lasting({ state, health }: BuilderView, nowMs: number): string {
  if (!health || health.state !== state || !(isLost(state) || state === 'nix-broken')) return ''
  const ms = nowMs - Date.parse(health.since)
  return ms < 60_000 ? '' : ` for ${formatAbout(ms)}`
}

/** The title of what is wrong, without what the word beside it and the name above say already. */
function reasonWords({ id, state }: BuilderView, failure: Failure): string {
  const { title } = failureWords(failure)
  const said = `Nix does not use ${id}`
  return state === 'not-used' && title.startsWith(said) ? title.slice(said.length).replace(/^:? /, '') : title
}

/** Of a builder whose disk is low: when it is full, else what is left. */
function fillingWords({ health }: BuilderView): string | undefined {
  if (health?.fullInMs !== undefined) return `full in about ${formatAbout(health.fullInMs)}`
  const left = health?.sample?.storeFreeBytes
  return left === undefined ? undefined : `${formatBytes(left)} left`
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
