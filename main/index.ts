import { setTimeout } from 'node:timers/promises'
import { app } from 'electron'
import { logCrashes, logRejections } from './adapters/system/crash-log'
import { createLateLog } from './adapters/system/late-log'
import { leaveNoCoreDump } from './adapters/system/no-core-dump'
import { watchTrayHost } from './adapters/system/tray-host'
import { initialState } from './initial-state'
import { setApplicationMenu } from './shell/application-menu'
import { isHidden, startsHidden } from './shell/start'
import { createTray } from './shell/tray/tray'
import { registerScheme } from './shell/window'
import { createStore } from './store'

/**
 * A desktop takes an icon in several round trips; what is loaded meanwhile holds them up by as much again. A window is
 * there no later for the wait.
 */
const takenMs = 100
/** How long a session bus that does not answer keeps the app from going on. */
const patienceMs = 1_000

/** Once something is to be logged: nothing that the tray waits for. */
const log = createLateLog(async () => {
  const [{ createLog }, { logFolder }] = await Promise.all([
    import('./adapters/system/log'),
    import('./adapters/system/folders'),
  ])
  return createLog({ folder: logFolder(), name: 'app' })
})
leaveNoCoreDump()
logCrashes(log)
logRejections(log)
registerScheme()
if (app.requestSingleInstanceLock()) start()
else app.quit()

/** The tray first, within the time that an empty app takes; what the window, SSH and Nix need is loaded after it. */
function start(): void {
  setApplicationMenu()
  const store = createStore(initialState(app.getVersion()))
  const tray = createTray(store, (action) => void loaded.then(({ perform }) => perform(action)))
  // The desktop is asked while Electron is still getting ready.
  const asked = new Promise<void>((resolve) => {
    watchTrayHost((isThere) => {
      void app.whenReady().then(() => {
        tray.show(isThere)
        store.update({ tray: isThere ? 'shown' : 'absent' })
        resolve()
      })
    })
  })
  const loaded = Promise.race([asked, app.whenReady().then(() => setTimeout(patienceMs))]).then(async () => {
    if (tray.isShown()) await setTimeout(takenMs)
    return (await import('./app')).openApp(store, log)
  })

  app.on('second-instance', (_event, words) => isHidden(words) || show())
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (!tray.isShown()) app.quit()
  })
  if (!startsHidden()) show()

  function show(): void {
    void loaded.then(({ window }) => window.show())
  }
}
