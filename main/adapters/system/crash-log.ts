import { errorFields } from '../../../core/log/error-fields'
import type { Log } from '../../ports/log'

/** Logs what nothing caught. What the process does then, such as ending with a trace, stays as it was. */
export function logCrashes({ write }: Log): void {
  process.on('uncaughtExceptionMonitor', (error, origin) =>
    write(origin === 'unhandledRejection' ? 'unhandled-rejection' : 'uncaught-exception', errorFields(error)),
  )
}

/** The same for Electron, which goes on after a promise that nobody waited for, and only prints it. */
export function logRejections({ write }: Log): void {
  process.on('unhandledRejection', (reason) => write('unhandled-rejection', errorFields(reason)))
}
