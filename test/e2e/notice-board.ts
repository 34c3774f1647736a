import { type Message as BusMessage, Message, sessionBus } from '@particle/dbus-next'

const service = 'org.freedesktop.Notifications'
const path = '/org/freedesktop/Notifications'

/** A notice as the desktop would show it. */
export interface ShownNotice {
  readonly id: number
  readonly app: string
  readonly title: string
  readonly body: string
  readonly actions: readonly string[]
  /** 0–2, by the Desktop Notifications Specification. */
  readonly urgency: number
}

/** A desktop's corner for notices, of our own: it takes what apps send, and clicks it. */
export interface NoticeBoard {
  /** All that were sent, in order. */
  sent(): readonly ShownNotice[]
  /** Those that are still to be seen. */
  shown(): readonly ShownNotice[]
  click(notice: ShownNotice): void
  close(): void
}

/** Takes the name of the notification service on the session bus at the given address. */
export async function openNoticeBoard(busAddress: string): Promise<NoticeBoard> {
  const bus = sessionBus({ busAddress })
  bus.on('error', () => undefined) // Its end is the end of the test.
  const sent: ShownNotice[] = []
  const gone = new Set<number>()
  const signal = (member: string, signature: string, body: unknown[]) =>
    bus.send(Message.newSignal(path, service, member, signature, body))
  const remove = (id: number, reason: number) => {
    gone.add(id)
    signal('NotificationClosed', 'uu', [id, reason])
  }
  bus.addMethodHandler((message: BusMessage) => {
    if (message.interface !== service) return false
    const answer = (signature: string, body: unknown[]) =>
      bus.send(Message.newMethodReturn(message, signature, body))
    switch (message.member) {
      case 'GetCapabilities':
        answer('as', [['body', 'actions']])
        return true
      case 'GetServerInformation':
        answer('ssss', ['board', 'test', '1', '1.2'])
        return true
      case 'Notify': {
        const [app, replaces, , title, body, actions, hints] = message.body
        const id = replaces || sent.length + 1
        sent.push({ id, app, title, body, actions, urgency: hints.urgency?.value ?? 1 })
        answer('u', [id])
        return true
      }
      case 'CloseNotification':
        answer('', [])
        remove(message.body[0], 3)
        return true
      default:
        return false
    }
  })
  await bus.requestName(service, 0)
  return {
    sent: () => sent,
    shown: () => sent.filter(({ id }) => !gone.has(id)),
    click: ({ id }) => {
      signal('ActionInvoked', 'us', [id, 'default'])
      remove(id, 2)
    },
    close: () => bus.disconnect(),
  }
}
