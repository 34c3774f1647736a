import type { Failure } from '../../contract/failure'
import type { Sample } from '../../contract/health'
import { isOneOf } from '../failures/failure'
import type { FailureCode } from '../failures/rows'
import { fullInMs, type SpacePoint } from './disk-forecast'
import type { Handshake, Health, HealthEvent } from './health'
import { noPressure, updatePressure } from './pressure'
import { deriveState, isClockOff, isStoreLow } from './state'

const spaceEveryMs = 60_000
/** What `fullInMs` looks at, and no more. */
const spacePoints = 180

/** A builder of which nothing is known but the last proof, where there is one. A handshake is due. */
export function newHealth(facts: Health['facts'], provenAtMs: number | undefined, nowMs: number): Health {
  return {
    facts,
    link: undefined,
    worksUnwatched: false,
    sample: undefined,
    handshake: { passedAtMs: provenAtMs, failure: undefined, isDue: true, revision: 0, about: undefined },
    slots: 0,
    pressure: noPressure,
    isStoreLow: false,
    isClockOff: false,
    space: [],
    fullInMs: undefined,
    state: provenAtMs === undefined ? 'unproven' : 'ready',
    sinceMs: nowMs,
    failure: undefined,
  }
}

/** What is known after one more thing has happened. `nowMs` may go back: no time in it lies in the future then. */
export function foldHealth(before: Health, event: HealthEvent, nowMs: number): Health {
  const known = learn(before, event, nowMs)
  const { state, failure } = deriveState(known)
  return {
    ...known,
    state,
    sinceMs: state === before.state ? Math.min(before.sinceMs, nowMs) : nowMs,
    failure: isSame(failure, before.failure) ? before.failure : failure,
  }
}

/**
 * The same for who makes no handshakes: the last proof, as the files have it now, stands for what it cannot know, also
 * after another start of that machine or a change of root's files.
 */
export function foldWithLastProof(
  before: Health,
  event: HealthEvent,
  provenAtMs: number | undefined,
  nowMs: number,
): Health {
  const { handshake } = newHealth(before.facts, provenAtMs, nowMs)
  const known = { ...before, handshake, ...(event.kind === 'sample' ? { link: undefined } : {}) }
  const isAboutProof = event.kind === 'changed' || event.kind === 'handshake'
  return foldHealth(known, isAboutProof ? { kind: 'slots', slots: before.slots } : event, nowMs)
}

function learn(before: Health, event: HealthEvent, nowMs: number): Health {
  switch (event.kind) {
    case 'sample':
      return learnSample(before, event.sample, nowMs)
    case 'lost':
      return { ...before, link: event.failure, worksUnwatched: false, pressure: noPressure }
    case 'handshake':
      return learnHandshake(before, event, nowMs)
    case 'slots':
      return { ...before, slots: event.slots }
    case 'doubted': {
      const { handshake } = before
      return { ...before, handshake: { ...handshake, isDue: true, revision: handshake.revision + 1 } }
    }
    case 'changed':
      return { ...before, handshake: changed(before.handshake) }
  }
}

function learnSample(before: Health, sample: Sample, nowMs: number): Health {
  const space = spaceAfter(before.space, sample, nowMs)
  return {
    ...before,
    link: undefined,
    worksUnwatched: false,
    sample,
    handshake: handshakeAfter(before, sample),
    pressure: updatePressure(before.pressure, sample, before.slots, nowMs),
    isStoreLow: isStoreLow(before.isStoreLow, sample),
    isClockOff: isClockOff(before.isClockOff, sample),
    space,
    fullInMs: space === before.space ? before.fullInMs : fullInMs(space),
  }
}

/** Another start or another Nix is another machine, as far as a handshake goes; so is one whose key was refused. */
function handshakeAfter({ handshake, link }: Health, { bootId, nixVersion }: Sample): Handshake {
  const { about } = handshake
  const known = {
    ...(bootId === undefined ? about?.bootId && { bootId: about.bootId } : { bootId }),
    ...(nixVersion === undefined ? {} : { nixVersion }),
  }
  const isOther = about
    ? nixVersion !== about.nixVersion || (about.bootId !== undefined && known.bootId !== about.bootId)
    : nixVersion === undefined
  const wasRefused = link !== undefined && isOneOf(link, judgedAsRefusal)
  const isSameAsProven = !isOther && !wasRefused
  return { ...(isSameAsProven ? handshake : changed(handshake)), about: known }
}

const judgedAsRefusal: readonly FailureCode[] = [
  'HOST_KEY_CHANGED',
  'LOGIN_REFUSED',
  'PROTOCOL_MISMATCH',
  'REMOTE_SCRIPTS_OUTDATED',
]

function changed(handshake: Handshake): Handshake {
  return {
    ...handshake,
    passedAtMs: undefined,
    failure: undefined,
    isDue: true,
    revision: handshake.revision + 1,
  }
}

function learnHandshake(
  before: Health,
  { revision, failure }: Extract<HealthEvent, { kind: 'handshake' }>,
  nowMs: number,
): Health {
  const { handshake } = before
  if (revision !== handshake.revision) return before
  if (failure) return { ...before, handshake: { ...handshake, passedAtMs: undefined, failure, isDue: true } }
  return {
    ...before,
    worksUnwatched: before.link !== undefined,
    handshake: { ...handshake, passedAtMs: nowMs, failure: undefined, isDue: false },
  }
}

function spaceAfter(before: readonly SpacePoint[], { storeFreeBytes }: Sample, nowMs: number) {
  if (storeFreeBytes === undefined) return before
  const last = before.at(-1)
  if (last && last.atMs > nowMs) return [{ atMs: nowMs, freeBytes: storeFreeBytes }]
  if (last && nowMs - last.atMs < spaceEveryMs) return before
  return [...before.slice(1 - spacePoints), { atMs: nowMs, freeBytes: storeFreeBytes }]
}

function isSame(one: Failure | undefined, other: Failure | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
