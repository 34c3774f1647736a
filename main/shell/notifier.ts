import { userInfo } from 'node:os'
import { Notification, powerMonitor } from 'electron'
import type { Navigation } from '../../contract/api'
import { foldNotices, initialNotices } from '../../core/notifications/fold'
import type { Notice } from '../../core/notifications/words'
import type { SnapshotSource } from './source'
import { throttle } from './throttle'

const gapMs = 1_000
/** How soon to look whether the person is back; on Linux nobody says so. */
const lockedMs = 5_000

/** Tells the person by the desktop's own notices what becomes of builders; a click on one opens the right place. */
export function createNotifier(source: SnapshotSource, open: (navigation: Navigation) => void): void {
  const show = noticeBoard(open)
  const moment = { startedMs: Date.now(), user: userInfo().username }
  let state = initialNotices
  let again: NodeJS.Timeout | undefined
  const looking = throttle(gapMs, () => {
    clearTimeout(again)
    const fold = (isLocked: boolean) =>
      foldNotices(state, source.snapshot(), { ...moment, awakeMs: performance.now(), isLocked })
    const news = fold(false)
    // Whether the screen is locked is asked only when there is something to tell: it is no cheap question.
    const found = news.notices.length > 0 && isLocked() ? { ...fold(true), againMs: lockedMs } : news
    state = found.state
    for (const notice of found.notices) show(notice)
    if (found.againMs !== undefined) again = setTimeout(looking.ask, found.againMs)
  })
  source.subscribe(looking.ask)
}

const isLocked = () => powerMonitor.getSystemIdleState(60) === 'locked'

/** Shows notices, a newer one in place of older ones about the same. */
function noticeBoard(open: (navigation: Navigation) => void): (notice: Notice) => void {
  // What nobody holds is collected with its click handler.
  const shown = new Map<Notification, Notice>()
  return (notice) => {
    for (const [older, { about }] of shown) {
      if (!about.some((one) => notice.about.includes(one))) continue
      shown.delete(older)
      older.close()
    }
    const { title, body, kind, navigation } = notice
    const notification = new Notification({
      title,
      body,
      urgency: kind === 'host-key' ? 'critical' : 'normal',
    })
    shown.set(notification, notice)
    notification.on('click', () => {
      shown.delete(notification)
      open(navigation)
    })
    notification.on('close', () => shown.delete(notification))
    notification.show()
  }
}
