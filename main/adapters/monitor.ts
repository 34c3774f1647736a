import { setImmediate } from 'node:timers/promises'
import type ssh2 from 'ssh2'
import type { Sample } from '../../contract/health'
import { isProbe, longestProbe } from '../../core/probe'
import { FailureError } from '../failures'
import type { MonitorPort } from '../ports/monitor'
import { type LoginLimits, logInWithKey } from './ssh/log-in-with-key'

export interface MonitorOptions extends LoginLimits {
  readonly probeTimeoutMs?: number
}

/** Holds connections by the ssh2 library. */
export function createMonitor(options: MonitorOptions = {}): MonitorPort {
  const { probeTimeoutMs = 10_000 } = options
  return {
    connect: async (builder, privateKey, signal) => {
      const { client, ended, end } = await logInWithKey(builder, privateKey, signal, options)
      return {
        ended,
        close: () => end('CANCELLED'),
        probe: async () => {
          const text = await Promise.race([ended, ask(client, probeTimeoutMs)])
          if (typeof text === 'string' && isProbe(text)) return emptySample()
          // A channel closes a moment before the connection that it was cut off with.
          const cut = await Promise.race([ended, setImmediate(undefined)])
          if (!cut && typeof text === 'string') end('PROTOCOL_MISMATCH', text)
          throw new FailureError(await ended)
        },
      }
    },
  }
}

function emptySample(): Sample {
  return { atMs: 0, latencyMs: 0, load1: 0, cpus: 1, memoryBytes: 1, memoryFreeBytes: 1, buildNames: [] }
}

/** The first words of the forced command, and of those no more than a sample has; never rejects. */
function ask(client: ssh2.Client, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const timer = setTimeout(() => resolve(`no sample within ${timeoutMs / 1000} s`), timeoutMs)
    const settle = (words: string) => {
      clearTimeout(timer)
      resolve(words)
    }
    try {
      client.exec('millwright-probe', (error, channel) => {
        if (error) return settle(error.message)
        channel.on('data', (data: Buffer) => {
          text += data.subarray(0, longestProbe).toString('latin1')
          if (text.length > longestProbe) settle(text)
        })
        channel.stderr.resume()
        channel.on('close', () => settle(text))
      })
    } catch (error) {
      settle(String(error))
    }
  })
}
