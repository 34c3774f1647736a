import {
  type Message as BusMessage,
  Message,
  type MessageBus,
  sessionBus,
  Variant,
} from '@particle/dbus-next'
import { until } from '../world/fleet/process'

const watcherName = 'org.kde.StatusNotifierWatcher'
const itemInterface = 'org.kde.StatusNotifierItem'

/** An entry of the tray's menu as a panel would draw it. */
export interface PanelEntry {
  readonly id: number
  readonly label: string
  readonly enabled: boolean
  readonly separator: boolean
  readonly children: readonly PanelEntry[]
}

/** A panel of our own: it plays StatusNotifierWatcher, and reads and clicks what apps put into the tray. */
export interface TrayPanel {
  /** Waits until an app has put an icon there. */
  item(): Promise<TrayItem>
  /** How many icons have been registered since the panel opened. */
  registered(): number
  close(): void
}

export interface TrayItem {
  tooltip(): Promise<string>
  /** The icon's pixels, as one number for each: ARGB; or its file, on desktops that are given files. */
  icon(): Promise<{ readonly width: number; readonly pixels: Buffer } | { readonly file: string }>
  menu(): Promise<readonly PanelEntry[]>
  /** Waits for an entry below the given labels, and clicks it. */
  click(...labels: readonly string[]): Promise<void>
}

/** Takes the watcher's name on the session bus at the given address. */
export async function openTrayPanel(busAddress: string): Promise<TrayPanel> {
  const bus = sessionBus({ busAddress })
  bus.on('error', () => undefined) // Its end is the end of the test.
  const items: { readonly destination: string; readonly path: string }[] = []
  bus.addMethodHandler((message: BusMessage) => {
    const answer = answerAsWatcher(message)
    if (message.member === 'RegisterStatusNotifierItem') {
      const [given] = message.body as [string]
      const path = given.startsWith('/') ? given : '/StatusNotifierItem'
      items.push({ destination: given.startsWith('/') ? (message.sender ?? '') : given, path })
    }
    if (answer) bus.send(answer)
    return answer !== undefined
  })
  await bus.requestName(watcherName, 0)
  return {
    registered: () => items.length,
    item: async () => {
      await until('an icon in the tray', async () => items.length > 0)
      const item = items.at(-1)
      if (!item) throw new Error('no icon')
      return trayItem(bus, item)
    },
    close: () => bus.disconnect(),
  }
}

function answerAsWatcher(message: BusMessage): BusMessage | undefined {
  const values = {
    IsStatusNotifierHostRegistered: new Variant('b', true),
    RegisteredStatusNotifierItems: new Variant('as', []),
    ProtocolVersion: new Variant('i', 0),
  }
  switch (message.member) {
    case 'RegisterStatusNotifierItem':
    case 'RegisterStatusNotifierHost':
      return Message.newMethodReturn(message, '', [])
    case 'Get':
      return Message.newMethodReturn(message, 'v', [values[message.body[1] as keyof typeof values]])
    case 'GetAll':
      return Message.newMethodReturn(message, 'a{sv}', [values])
    default:
      return undefined
  }
}

type Layout = [id: number, properties: Record<string, Variant>, children: Variant<Layout>[]]

function trayItem(bus: MessageBus, place: { destination: string; path: string }): TrayItem {
  const call = async (path: string, where: string, member: string, signature: string, body: unknown[]) => {
    const message = new Message({ ...place, path, interface: where, member, signature, body })
    return (await bus.call(message))?.body ?? []
  }
  const property = async <T>(name: string): Promise<T> => {
    const body = [itemInterface, name]
    const [variant] = await call(place.path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', body)
    return (variant as Variant<T>).value
  }
  const menuPath = () => property<string>('Menu')
  const dbusMenu = async (member: string, signature: string, body: unknown[]) =>
    call(await menuPath(), 'com.canonical.dbusmenu', member, signature, body)
  const readMenu = async () => {
    await dbusMenu('AboutToShow', 'i', [0]).catch(() => undefined) // Chromium's menu has nothing to prepare.
    const [, root] = await dbusMenu('GetLayout', 'iias', [0, -1, []])
    return entryOf(root as Layout).children
  }
  return {
    menu: readMenu,
    tooltip: async () => {
      const [, , title, text] = await property<[string, unknown, string, string]>('ToolTip')
      return title || text
    },
    icon: async () => {
      const [picture] = await property<[number, number, Buffer][]>('IconPixmap').catch(() => [])
      if (!picture) return { file: await property<string>('IconName') }
      return { width: picture[0], pixels: picture[2] }
    },
    click: async (...labels) => {
      let found: PanelEntry | undefined
      await until(`the tray's entry ${labels.join(' › ')}`, async () => {
        found = find(await readMenu(), labels)
        return found?.enabled === true
      })
      await dbusMenu('Event', 'isvu', [found?.id, 'clicked', new Variant('i', 0), 0])
    },
  }
}

function entryOf([id, properties, children]: Layout): PanelEntry {
  return {
    id,
    // A single underscore marks the access key; a doubled one is itself (com.canonical.dbusmenu).
    label: String(properties.label?.value ?? '').replace(/_(_?)/g, '$1'),
    enabled: properties.enabled?.value !== false,
    separator: properties.type?.value === 'separator',
    children: children.map(({ value }) => entryOf(value)),
  }
}

/** Follows labels from menu to submenu; a label matches its beginning, as states change behind it. */
function find(entries: readonly PanelEntry[], [label, ...rest]: readonly string[]): PanelEntry | undefined {
  const entry = entries.find((one) => !one.separator && one.label.startsWith(label ?? ''))
  return rest.length === 0 || !entry ? entry : find(entry.children, rest)
}
