import type { BuilderState, BuilderView } from '../../contract/snapshot'
import { isOneOf } from '../failures/failure'
import { lost, works } from '../status/summary'

/** What of a builder is worth a notice when it changes; of each aspect one is so at a time. */
export type Condition = 'well' | 'lost' | 'other-key' | 'fine' | 'low'

const gone: readonly BuilderState[] = [...lost, 'refused', 'nix-broken']

/** Undefined: nothing is known now, and nothing is concluded from that. */
const aspects = {
  reach: ({ state, failure, health }: BuilderView): Condition | undefined => {
    if (failure && isOneOf(failure, ['HOST_KEY_CHANGED', 'QUARANTINED'])) return 'other-key'
    if (state === 'paused') return undefined
    // What Nix or a proof has to say of it comes first in its state; whether it answers is known beside that.
    if (gone.includes(state) || (health && gone.includes(health.state))) return 'lost'
    return health && (works(state) || state === 'disk-low') ? 'well' : undefined
  },
  disk: ({ state, health }: BuilderView): Condition | undefined => {
    if (state === 'disk-low') return 'low'
    return health && works(state) ? 'fine' : undefined
  },
} as const
type Aspect = keyof typeof aspects

/** How long a change must last; `holdMs`: how much longer it may wait for others of its kind, to share one notice. */
const delays: Readonly<Record<Condition, { readonly lastsMs: number; readonly holdMs: number }>> = {
  well: { lastsMs: 10_000, holdMs: 10_000 },
  lost: { lastsMs: 20_000, holdMs: 10_000 },
  'other-key': { lastsMs: 0, holdMs: 0 },
  low: { lastsMs: 60_000, holdMs: 10_000 },
  // A disk that is low again so soon is the same trouble.
  fine: { lastsMs: 1_800_000, holdMs: 0 },
}
export const conditions = Object.keys(delays) as readonly Condition[]

/** One aspect of one builder: what was notified of it, and what is so now, since when. */
export interface Track {
  readonly id: string
  readonly aspect: Aspect
  readonly notified: Condition
  /** Absent where it was so when first seen. */
  readonly notifiedMs?: number
  readonly now: Condition
  readonly sinceMs: number
  /** Since when nothing is known of it: until that ends, `now` is what was known last, and is told to nobody. */
  readonly unknownSinceMs?: number
}
export type Tracks = ReadonlyMap<string, Track>

const keyOf = ({ id, aspect }: Pick<Track, 'id' | 'aspect'>) => `${id} ${aspect}`

/**
 * What was seen first counts as notified. A change that waits to be told is undone by what is known to be otherwise, and
 * by a pause of the person; while nothing is known it waits on.
 */
export function follow(before: Tracks, builders: readonly BuilderView[], nowMs: number): Tracks {
  const tracks = builders.flatMap((builder) =>
    (['reach', 'disk'] as const).flatMap((aspect): Track[] => {
      const { id, state } = builder
      const track = forgotten(before.get(keyOf({ id, aspect })), nowMs)
      const seen = aspects[aspect](builder)
      if (!track) return seen ? [{ id, aspect, notified: seen, now: seen, sinceMs: nowMs }] : []
      if (seen) return [knownAgain(track, seen, nowMs)]
      // One that is lost may come to need the person for it, which is no sign that it is back.
      if (state === 'needs-you' && track.now === 'lost') return [knownAgain(track, 'lost', nowMs)]
      return [unknownNow(state === 'paused' ? { ...track, now: track.notified } : track, nowMs)]
    }),
  )
  return new Map(tracks.map((track) => [keyOf(track), track]))
}

/** A change counts no more once nothing was known for as long as it has to last. */
function forgotten(track: Track | undefined, nowMs: number): Track | undefined {
  if (track?.unknownSinceMs === undefined) return track
  const isLong = nowMs - track.unknownSinceMs > delays[track.now].lastsMs
  return isLong ? { ...track, now: track.notified } : track
}

function knownAgain({ unknownSinceMs: _, ...track }: Track, now: Condition, nowMs: number): Track {
  return now === track.now ? track : { ...track, now, sinceMs: nowMs }
}

function unknownNow(track: Track, nowMs: number): Track {
  return track.unknownSinceMs === undefined ? { ...track, unknownSinceMs: nowMs } : track
}

/** Back is only who was notified as lost: at login the network comes after the app. */
export function needsNotice({ now, notifiedMs }: Track): boolean {
  return now !== 'well' || notifiedMs !== undefined
}

/** The same with a change to a condition notified, or passed over. */
export function markNotified(before: Tracks, due: readonly Track[], nowMs: number): Tracks {
  const notified = due.map((track) => ({
    ...track,
    notified: track.now,
    ...(needsNotice(track) ? { notifiedMs: nowMs } : {}),
  }))
  return new Map([...before, ...notified.map((track): [string, Track] => [keyOf(track), track])])
}

/**
 * The changes to a condition that are due now: when all of them have lasted, at the latest a while after the first
 * has. `nextMs`: when the next are due; Infinity: never, unless something happens.
 */
export function dueNow(tracks: Tracks, condition: Condition, nowMs: number) {
  const { lastsMs, holdMs } = delays[condition]
  const changed = [...tracks.values()].filter(
    ({ now, notified, unknownSinceMs }) =>
      now === condition && notified !== condition && unknownSinceMs === undefined,
  )
  const lasted = changed.map(({ sinceMs }) => sinceMs + lastsMs)
  const dueMs = Math.min(Math.max(...lasted), Math.min(...lasted) + holdMs)
  if (changed.length === 0 || nowMs < dueMs) return { due: [], nextMs: changed.length > 0 ? dueMs : Infinity }
  return {
    due: changed.filter(({ sinceMs }) => sinceMs + lastsMs <= nowMs),
    nextMs: Math.min(...lasted.filter((ms) => ms > nowMs)),
  }
}

/** A change so soon after one of its kind shares a notice with that, in its place. */
const togetherMs = 60_000

/** Builders of which the same was notified a moment ago, and is still so. */
export function notifiedLately(tracks: Tracks, condition: Condition, nowMs: number): readonly string[] {
  return [...tracks.values()]
    .filter(
      ({ notified, now, notifiedMs = -Infinity, unknownSinceMs }) =>
        notified === condition &&
        now === condition &&
        unknownSinceMs === undefined &&
        nowMs - notifiedMs < togetherMs,
    )
    .map(({ id }) => id)
}
