import type { BrowserWindow } from 'electron'
import type { WriteLog } from '../../core/log/entry'

/** A page that fails again within this time would go on failing. */
const tooSoonMs = 10_000

/**
 * Loads the page of a window anew, in a process of its own, when the one that showed it is gone. One that is gone again
 * too soon closes the window: the person may open another, and no computer is kept busy with crashes.
 */
export function replaceGoneRenderer(window: BrowserWindow, write: WriteLog): void {
  const { webContents } = window
  let replacedMs = Number.NEGATIVE_INFINITY
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    write('renderer-gone', { reason, exitCode })
    const nowMs = performance.now()
    if (nowMs - replacedMs < tooSoonMs) {
      write('renderer-given-up')
      window.destroy()
      return
    }
    replacedMs = nowMs
    webContents.once('did-finish-load', () => write('renderer-replaced'))
    webContents.reload()
  })
  window.on('unresponsive', () => write('renderer-unresponsive'))
  window.on('responsive', () => write('renderer-responsive'))
}
