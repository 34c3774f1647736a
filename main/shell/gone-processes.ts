import { app } from 'electron'
import type { WriteLog } from '../../core/log/entry'

/** Logs each process of Electron's, such as the one that draws, that ends otherwise than it should. */
export function logGoneProcesses(write: WriteLog): void {
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit') write('child-process-gone', { process: type, reason, exitCode })
  })
}
