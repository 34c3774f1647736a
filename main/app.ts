import { join } from 'node:path'
import { app, clipboard, powerMonitor } from 'electron'
import { createWindowBounds } from './adapters/data/window-bounds'
import { openWindowStore } from './adapters/data/window-store'
import { compose } from './compose'
import type { Log } from './ports/log'
import { createActionRunner } from './shell/action-runner'
import { logGoneProcesses } from './shell/gone-processes'
import { listen } from './shell/ipc'
import { createNotifier } from './shell/notifier'
import { publish } from './shell/publish'
import { closeBeforeQuit } from './shell/quit'
import { autostartMeans } from './shell/start'
import { createMainWindow } from './shell/window'
import type { Store } from './store'

/** All but the tray: what the app does by itself, and its window. */
export function openApp(store: Store, log: Log) {
  const millwright = compose({
    appVersion: app.getVersion(),
    copyText: (text) => clipboard.writeText(text),
    programFolder: __dirname,
    autostart: autostartMeans(),
    ...(app.isPackaged ? { installer: packedInstaller() } : {}),
    store,
    log,
  })
  const { handlers } = millwright
  millwright.watch()
  powerMonitor.on('resume', () => millwright.wake())
  log.write('app-started', { version: app.getVersion() })
  logGoneProcesses(log.write)
  closeBeforeQuit(() => millwright.close().finally(() => log.write('app-ended')))

  const window = createMainWindow(createWindowBounds(openWindowStore(app.getPath('userData'))), {
    onWatching: () => published.refresh(),
    writeLog: log.write,
  })
  const published = publish(store, window)
  listen({ ...handlers, 'get-snapshot': async () => ({ ok: true, value: published.whole() }) })
  createNotifier(store, (navigation) => window.show(navigation))
  return { window, perform: createActionRunner(handlers, window) }
}

/** They lie beside the archive: neither runs inside Electron. */
function packedInstaller() {
  const folder = join(process.resourcesPath, 'helper')
  return { node: join(folder, 'node'), script: join(folder, 'install.mjs') }
}
