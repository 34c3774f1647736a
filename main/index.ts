import { app, clipboard, Menu, powerMonitor } from 'electron'
import { watchTrayHost } from './adapters/tray-host'
import { createWindowPlace } from './adapters/window-place'
import { compose } from './compose'
import { listen } from './shell/ipc'
import { keepNotices } from './shell/notify'
import { performer } from './shell/perform'
import { publish } from './shell/publish'
import { closeBeforeQuit } from './shell/quit'
import { autostartMeans, isHidden, startsHidden } from './shell/start'
import { keepTray } from './shell/tray'
import { makeMainWindow, registerScheme } from './shell/window'

registerScheme()
if (app.requestSingleInstanceLock()) void app.whenReady().then(start)
else app.quit()

async function start(): Promise<void> {
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null)
  const millwright = compose({
    appVersion: app.getVersion(),
    copyText: (text) => clipboard.writeText(text),
    autostart: autostartMeans(),
  })
  const { handlers, store } = millwright
  millwright.watch()

  const window = makeMainWindow(createWindowPlace(), () => published.refresh())
  const published = publish(store, window)
  listen({ ...handlers, 'get-snapshot': async () => ({ ok: true, value: published.whole() }) })

  const tray = keepTray(store, performer(handlers, window))
  keepNotices(store, (navigation) => window.show(navigation))
  watchTrayHost((isThere) => {
    tray.show(isThere)
    millwright.setTray(isThere ? 'shown' : 'absent')
  })

  app.on('second-instance', (_event, words) => isHidden(words) || window.show())
  app.on('activate', () => window.show())
  app.on('window-all-closed', () => {
    if (!tray.isShown()) app.quit()
  })
  powerMonitor.on('resume', () => millwright.wake())
  closeBeforeQuit(() => millwright.close())
  if (!startsHidden()) window.show()
}
