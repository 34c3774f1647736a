import type { Log } from '../../ports/log'

/** A log that is loaded with its first line, so that a start does not wait for it; lines keep their order. */
export function createLateLog(load: () => Promise<Log>): Log {
  let loading: Promise<Log> | undefined
  let log: Log | undefined
  return {
    write: (event, fields) => {
      if (log) return log.write(event, fields)
      loading ??= load().then((loaded) => {
        log = loaded
        return loaded
      })
      // Without a log everything goes on: there is nowhere to say so.
      loading.then((loaded) => loaded.write(event, fields)).catch(() => undefined)
    },
  }
}
