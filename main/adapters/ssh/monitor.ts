import { FailureError } from '../../failures'
import type { MonitorPort } from '../../ports/monitor'
import { createSemaphore } from '../data/semaphore'
import { quietBetween } from './connection/keep-alive'
import { type LoginLimits, logInWithKey } from './connection/log-in-with-key'
import { startProbe } from './connection/probe-stream'

export interface MonitorOptions extends LoginLimits {
  /** Longer than it takes to see that a host is silent, which says more than that there is no sample. */
  readonly probeTimeoutMs?: number
  /** Logins under way at once. */
  readonly mostLogins?: number
}

/** Holds connections by the ssh2 library, each with one process over there that probes when it is asked. */
export function createMonitor(options: MonitorOptions = {}): MonitorPort {
  const { probeTimeoutMs = 12_000, mostLogins = 32 } = options
  const places = createSemaphore(mostLogins)
  return {
    connect: async (builder, privateKey, signal, intervalMs) => {
      const limits = intervalMs ? { quietMs: () => quietBetween(intervalMs()), ...options } : options
      const { client, ended, end } = await places.use(signal, () =>
        logInWithKey(builder, privateKey, signal, limits),
      )
      const stream = startProbe(client)
      // Once, and not for each probe: what waits for a promise is kept for as long as that is open.
      void ended.then(stream.close)
      return {
        ended,
        close: () => end('CANCELLED'),
        probe: async () => {
          const answer = await stream.ask(probeTimeoutMs)
          if ('load1' in answer) return answer
          // Where the connection ended before, the reason for that stands.
          end(answer.code, answer.said)
          throw new FailureError(await ended)
        },
      }
    },
  }
}
