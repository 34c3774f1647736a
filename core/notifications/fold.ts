import type { FinishedBuild } from '../../contract/builds'
import type { Preferences } from '../../contract/preferences'
import type { Snapshot } from '../../contract/snapshot'
import {
  type Condition,
  conditions,
  dueNow,
  follow,
  markNotified,
  needsNotice,
  notifiedLately,
  type Track,
  type Tracks,
} from './tracks'
import { longBuildNotice, type Notice, type NoticeKind, noticeOf } from './words'

const kinds: Readonly<Record<Condition, NoticeKind | undefined>> = {
  well: 'back',
  lost: 'lost',
  'other-key': 'host-key',
  low: 'disk-low',
  fine: undefined,
}

/** What is remembered from one snapshot to the next. */
export interface NotifierState {
  readonly tracks: Tracks
  /** Builds that need no notice any more. */
  readonly builds: ReadonlySet<string>
}
export const initialNotices: NotifierState = { tracks: new Map(), builds: new Set() }

/** When the snapshot was taken, and who is there to read a notice. */
export interface Moment {
  /** By a clock that stands still while the computer sleeps. */
  readonly awakeMs: number
  /** In ms since the epoch; builds that ended before need no notice. */
  readonly startedMs: number
  readonly isLocked: boolean
  /** Who is at the desk, by login name: other people's builds are notified to them. */
  readonly user: string
}

type Seen = Pick<Snapshot, 'builders' | 'builds' | 'preferences'>

export interface Notices {
  readonly state: NotifierState
  readonly notices: readonly Notice[]
  /** In how many ms to fold again, should nothing happen before. */
  readonly againMs?: number
}

/**
 * The notices that are due now. What was so when it was first seen needs none; a change gets one, once it has lasted;
 * changes of one kind at about one time share one. At a locked screen there is none, and afterwards one on what is
 * still so.
 */
export function foldNotices(before: NotifierState, seen: Seen, moment: Moment): Notices {
  const { awakeMs, isLocked } = moment
  let tracks = follow(before.tracks, seen.builders, awakeMs)
  if (isLocked) return { state: { ...before, tracks }, notices: [] }
  const notices: Notice[] = []
  let nextMs = Infinity
  for (const condition of conditions) {
    const found = dueNow(tracks, condition, awakeMs)
    nextMs = Math.min(nextMs, found.nextMs)
    if (found.due.length === 0) continue
    notices.push(...noticeOfChange(seen, condition, found.due, notifiedLately(tracks, condition, awakeMs)))
    tracks = markNotified(tracks, found.due, awakeMs)
  }
  return {
    state: { tracks, builds: new Set(seen.builds.finished.map(({ id }) => id)) },
    notices: [...notices, ...noticeOfBuilds(before, seen, moment)],
    ...(nextMs === Infinity ? {} : { againMs: nextMs - awakeMs }),
  }
}

function noticeOfChange(
  { builders, preferences }: Seen,
  condition: Condition,
  due: readonly Track[],
  lately: readonly string[],
): readonly Notice[] {
  const kind = kinds[condition]
  if (!kind || !isWanted(kind, preferences)) return []
  const worthy = due.filter(needsNotice)
  if (worthy.length === 0) return []
  const ids = new Set([...lately, ...worthy.map(({ id }) => id)])
  const about = builders.filter(({ id }) => ids.has(id))
  return [noticeOf(kind, about, builders.length)]
}

function isWanted(kind: NoticeKind, { notifications }: Preferences): boolean {
  if (kind === 'disk-low') return notifications.diskLow
  return kind === 'host-key' ? notifications.hostKeyChanged : notifications.lost
}

function noticeOfBuilds(
  state: NotifierState,
  { builds, preferences }: Seen,
  { startedMs, user }: Moment,
): readonly Notice[] {
  const isDue = (build: FinishedBuild) =>
    build.durationMs >= preferences.longBuildMinutes * 60_000 &&
    !state.builds.has(build.id) &&
    Date.parse(build.startedAt) + build.durationMs >= startedMs &&
    (build.user ?? user) === user
  const due = preferences.notifications.longBuild ? builds.finished.filter(isDue) : []
  return due.length > 0 ? [longBuildNotice(due)] : []
}
