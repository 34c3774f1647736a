import { Message, type MessageBus, sessionBus } from '@particle/dbus-next'
import { platform } from '../../../helper/system/find-installation'

const watcherName = 'org.kde.StatusNotifierWatcher'
const bus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
}

/**
 * Tells whether the desktop has a place for tray icons, now and at each change. On Linux that is a program
 * owning org.kde.StatusNotifierWatcher (freedesktop StatusNotifierItem); an icon made before it exists is never
 * registered with it. Without a session bus the answer is no. Returns how to stop listening.
 */
export function watchTrayHost(onChange: (isThere: boolean) => void): () => void {
  if (platform !== 'linux') {
    onChange(true)
    return () => undefined
  }
  if (!process.env.DBUS_SESSION_BUS_ADDRESS) {
    onChange(false)
    return () => undefined
  }
  const session = sessionBus()
  session.on('error', () => onChange(false))
  session.on('message', ({ member, body }: Message) => {
    const [name, , owner] = body
    if (member === 'NameOwnerChanged' && name === watcherName) onChange(owner !== '')
  })
  // A bus that does not answer has no place for icons.
  void ask(session).then(onChange, () => onChange(false))
  return () => session.disconnect()
}

async function ask(session: MessageBus): Promise<boolean> {
  const rule = `type='signal',interface='${bus.interface}',member='NameOwnerChanged',arg0='${watcherName}'`
  await session.call(new Message({ ...bus, member: 'AddMatch', signature: 's', body: [rule] }))
  const reply = await session.call(
    new Message({ ...bus, member: 'NameHasOwner', signature: 's', body: [watcherName] }),
  )
  return reply?.body[0] === true
}
