import type { Failure } from '../../contract/failure'
import type { HealthState, Sample } from '../../contract/health'
import { builderIs, createFailure, isOneOf } from '../failures/failure'
import { formatAbout, formatBytes, formatDuration, formatOffset } from '../text/format'
import { isDiskLow } from './disk-space'
import type { Health } from './health'
import { longLatencyMs } from './pressure'

interface DerivedState {
  readonly state: HealthState
  readonly failure?: Failure
}

/**
 * The one state of all that could be said. What makes the rest unknowable comes first (nobody answers, or lets us in),
 * then what stops every build (no Nix, no handshake), then what will stop them (disk) or spoil them (clock), then that
 * it has not been proven since it changed; only a proven builder is slow, building or ready.
 */
export function deriveState(health: Health): DerivedState {
  const { link, sample, handshake, slots, pressure, facts } = health
  const isProven = handshake.passedAtMs !== undefined
  if (link) return { state: stateOfLink(health, link), failure: link }
  if (sample && sample.nixVersion === undefined && !isProven)
    return {
      state: 'nix-broken',
      failure: createFailure('REMOTE_NIX_GONE', facts, handshake.failure?.detail),
    }
  if (handshake.failure) return { state: stateOfHandshake(handshake.failure), failure: handshake.failure }
  if (sample && health.isStoreLow) return { state: 'disk-low', failure: diskLow(health, sample) }
  if (sample && health.isClockOff) return { state: 'needs-you', failure: clockWrong(health, sample) }
  if (!isProven) return { state: 'unproven' }
  if (sample && pressure.isSlow) return { state: 'slow', failure: overloaded(health, sample) }
  return { state: slots > 0 ? 'building' : 'ready' }
}

/** Without a sample it is not known whether Nix is broken there, only that nothing of it was heard. */
function stateOfLink({ worksUnwatched }: Health, link: Failure): HealthState {
  const state = builderIs(link) ?? 'needs-you'
  if (state === 'unreachable') return state
  if (worksUnwatched || isOneOf(link, ['REMOTE_SCRIPTS_OUTDATED'])) return 'needs-you'
  return state === 'nix-broken' ? 'refused' : state
}

function stateOfHandshake(failure: Failure): HealthState {
  return builderIs(failure) ?? 'needs-you'
}

/** Low until a fifth more than what made it low is free, so that it does not come and go with each build. */
export function isStoreLow(wasLow: boolean, { storeBytes, storeFreeBytes }: Sample): boolean {
  if (storeBytes === undefined || storeFreeBytes === undefined) return false
  return isDiskLow({ storeBytes, storeFreeBytes: wasLow ? storeFreeBytes / 1.2 : storeFreeBytes })
}

/** Off from a minute on, until it is within three quarters of one. */
export function isClockOff(wasOff: boolean, { clockOffsetMs = 0 }: Sample): boolean {
  return Math.abs(clockOffsetMs) > (wasOff ? 45_000 : 60_000)
}

function diskLow({ facts, fullInMs }: Health, { storeFreeBytes = 0 }: Sample): Failure {
  const fullIn = fullInMs === undefined ? {} : { fullIn: formatAbout(roundTo(fullInMs, 60_000)) }
  return createFailure('REMOTE_DISK_LOW', { ...facts, free: formatBytes(storeFreeBytes), ...fullIn })
}

/** `2 h 10 min ahead`; in whole minutes above one hour, or a slow clock would be another failure with each probe. */
function clockWrong({ facts }: Health, { clockOffsetMs = 0 }: Sample): Failure {
  const offMs = roundTo(Math.abs(clockOffsetMs), 10_000)
  const offset = formatOffset(clockOffsetMs > 0 ? offMs : -offMs)
  return createFailure('REMOTE_CLOCK_WRONG', { ...facts, offset })
}

function overloaded({ facts }: Health, { latencyMs, load1, cpus }: Sample): Failure {
  const why =
    latencyMs > longLatencyMs
      ? { latency: formatDuration(roundTo(latencyMs, 500)) }
      : { load: load1 < 10 ? load1.toFixed(1) : String(Math.round(load1)), cpus: String(cpus) }
  return createFailure('REMOTE_OVERLOADED', { ...facts, ...why })
}

function roundTo(value: number, step: number): number {
  return Math.max(step, Math.round(value / step) * step)
}
