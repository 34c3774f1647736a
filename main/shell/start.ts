import { app } from 'electron'

const isMac = process.platform === 'darwin'

/** What starts Millwright at the next login: this very program, or on macOS the system's own list. */
export function autostartMeans() {
  // An AppImage runs from a folder that is gone with it.
  const program = process.env.APPIMAGE ?? process.execPath
  const command = app.isPackaged ? [program] : [program, app.getAppPath()]
  return isMac ? { loginItem } : { command }
}

const loginItem = {
  isOn: () => app.getLoginItemSettings().openAtLogin,
  set: (openAtLogin: boolean) => app.setLoginItemSettings({ openAtLogin }),
}

/** Whether the words of a start ask for no window: at login only the tray shows. */
export function isHidden(words: readonly string[]): boolean {
  return words.includes('--hidden')
}

/** The same of this process; macOS starts its login items without words. */
export function startsHidden(): boolean {
  return isHidden(process.argv) || (isMac && app.getLoginItemSettings().wasOpenedAtLogin)
}
