import { Menu, type MenuItemConstructorOptions } from 'electron'

/**
 * The keys that every window has: edit, zoom, close, quit. macOS shows the menu and has Electron's own; elsewhere no bar
 * is shown, and its keys work all the same.
 */
export function setApplicationMenu(): void {
  if (process.platform === 'darwin') return
  Menu.setApplicationMenu(Menu.buildFromTemplate([{ label: 'Millwright', submenu: entries }]))
}

const entries: MenuItemConstructorOptions[] = [
  { role: 'undo' },
  { role: 'redo' },
  { role: 'cut' },
  { role: 'copy' },
  { role: 'paste' },
  { role: 'selectAll' },
  { role: 'resetZoom' },
  { role: 'zoomIn' },
  // Where + takes Shift, most press the key without it; and there is one on the number pad.
  { role: 'zoomIn', accelerator: 'CommandOrControl+=' },
  { role: 'zoomIn', accelerator: 'CommandOrControl+numadd' },
  { role: 'zoomOut' },
  { role: 'zoomOut', accelerator: 'CommandOrControl+numsub' },
  { role: 'close' },
  { role: 'quit' },
]
