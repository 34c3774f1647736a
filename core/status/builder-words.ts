import type { Failure } from '../../contract/failure'
import type { BuilderView } from '../../contract/snapshot'
import { builderIs } from '../failures/failure'
import { plural, stateWord } from '../text/format'
import { works } from './summary'

const dayMs = 86_400_000

/** The ways to pause, as in every menu; without `forMs` until the person resumes it. */
export const pauses: readonly { readonly label: string; readonly forMs?: number }[] = [
  { label: 'For 15 min', forMs: 15 * 60_000 },
  { label: 'For 1 h', forMs: 60 * 60_000 },
  { label: 'Until I resume' },
]

/** `until 14:30` today, `until 24 Nov, 14:30` later; in the person's own time zone. `at` is ISO 8601. */
export function untilWords(at: string, nowMs: number): string {
  const date = new Date(at)
  const clock = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
  if (date.getTime() - nowMs < dayMs) return `until ${clock}`
  return `until ${date.getDate()} ${date.toLocaleString('en', { month: 'short' })}, ${clock}`
}

/** What it does besides its state: `building 2`, or of a paused one `paused until 14:30, 2 builds finish first`. */
export function doingWords(
  {
    state,
    runningBuilds = 0,
    pausedUntil,
    alsoOffered = [],
  }: Pick<BuilderView, 'state' | 'runningBuilds' | 'pausedUntil' | 'alsoOffered'>,
  nowMs: number,
): string {
  if ((state === 'ready' || state === 'building') && runningBuilds > 0) return `building ${runningBuilds}`
  if (state !== 'paused') return stateWord(state)
  const until = pausedUntil === undefined ? '' : ` ${untilWords(pausedUntil, nowMs)}`
  const still = alsoOffered.length > 0 ? `, still offered by ${alsoOffered.join(' and ')}` : ''
  return `${stateWord(state)}${until}${still}${runningBuilds > 0 ? `, ${finishWords(runningBuilds)}` : ''}`
}

/** Where else Nix is offered it, and what that means while it is on or off. */
export function offeredWords(id: string, isOn: boolean, offers: readonly string[]): string {
  return isOn ? alsoOfferedWords(id, offers) : stillOfferedWords(id, offers)
}

/** Of a builder that is on: what a pause would not reach. */
export function alsoOfferedWords(id: string, offers: readonly string[]): string {
  return `${id} is offered to Nix by ${offers.join(' and ')} too: pausing it here does not keep those builds away.`
}

/** Of one that is paused. */
export function stillOfferedWords(id: string, offers: readonly string[]): string {
  return `Nix may go on building on ${id}: ${offers.join(' and ')} offers it too. Take it out there to pause it wholly.`
}

/** How a suspended builder comes back: one that merely does not answer by itself, another only once it is put right. */
export function returnWords(failure: Failure | undefined): string {
  return failure === undefined || builderIs(failure) === 'unreachable'
    ? 'It comes back by itself once it answers.'
    : 'Somebody has to put that right; then it comes back.'
}

/** `2 builds finish first`: nothing new is sent there, what runs is left to end. */
export function finishWords(runningBuilds: number): string {
  return `${plural(runningBuilds, 'build')} ${runningBuilds === 1 ? 'finishes' : 'finish'} first`
}

/** Whether it can be offered as substituter now: it takes a login there and a builder that is known to work. */
export function canBeOffered({ substituter, state }: Pick<BuilderView, 'substituter' | 'state'>): boolean {
  return substituter.offered || works(state) || state === 'paused'
}
