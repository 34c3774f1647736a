/** The least that an Electron app with a tray can be: an icon, a menu of two entries, one instance, no window. */
const { join } = require('node:path')
const { app, Menu, Tray } = require('electron')

let tray

if (app.requestSingleInstanceLock()) app.whenReady().then(showTray)
else app.quit()

function showTray() {
  tray = new Tray(join(__dirname, '../../assets/tray/idle-on-dark-24.png'))
  tray.setToolTip('Empty')
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Empty', enabled: false },
      { label: 'Quit', click: () => app.quit() },
    ]),
  )
}

// Electron ends an app without windows unless somebody listens.
app.on('window-all-closed', () => undefined)
