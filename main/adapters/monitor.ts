import type { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import ssh2 from 'ssh2'
import type { Failure, FailureCode } from '../../contract/failure'
import type { Sample } from '../../contract/health'
import { cleanText } from '../../core/clean-text'
import { isProbe, longestProbe } from '../../core/probe'
import { FailureError } from '../failures'
import type { Monitored, MonitorPort, Watched } from '../ports/monitor'
import { algorithmsOf } from './ssh/login'
import { openSocket } from './ssh/open-socket'

export interface MonitorOptions {
  readonly connectTimeoutMs?: number
  /** From an open socket to a finished login. */
  readonly loginTimeoutMs?: number
  readonly probeTimeoutMs?: number
  /** Three of these without a word from the host end the connection. */
  readonly keepAliveMs?: number
}

/** Holds connections by the ssh2 library. Only the host keys of root's files count, and nothing is ever asked. */
export function createMonitor(options: MonitorOptions = {}): MonitorPort {
  const { connectTimeoutMs = 5_000 } = options
  return {
    connect: async (builder, privateKey, signal) =>
      logIn(await openSocket(builder.host, builder.port, connectTimeoutMs, signal), builder, privateKey, {
        ...options,
        signal,
      }),
  }
}

function logIn(
  stream: Duplex,
  builder: Watched,
  privateKey: string,
  {
    loginTimeoutMs = 5_000,
    probeTimeoutMs = 10_000,
    keepAliveMs = 2_500,
    signal,
  }: MonitorOptions & { readonly signal: AbortSignal },
): Promise<Monitored> {
  const { id, host, port, user, hostKeys } = builder
  const failure = (code: FailureCode, detail?: string): Failure => ({
    code,
    facts: { builder: id, host, port: String(port), user },
    ...(detail ? { detail: cleanText(detail, longestProbe) } : {}),
  })
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let why = failure('CONNECTION_LOST')
    let isGreeted = false
    const end = (reason: Failure) => {
      why = reason
      client.destroy()
      stream.destroy()
    }
    const onAbort = () => end({ code: 'CANCELLED', facts: {} })
    const timer = setTimeout(() => end(failure('TIMED_OUT')), loginTimeoutMs)
    const ended = new Promise<Failure>((settle) => {
      stream.once('close', () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        settle(why)
        reject(new FailureError(why))
      })
    })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) return onAbort()

    client.on('error', (error) => {
      if (why.code !== 'CONNECTION_LOST') return
      end(failure(codeOf(error.level, isGreeted), error.message))
    })
    client.on('handshake', () => {
      isGreeted = true
    })
    client.on('ready', () => {
      clearTimeout(timer)
      resolve({
        ended,
        close: onAbort,
        probe: async () => {
          const text = await Promise.race([ended, ask(client, probeTimeoutMs)])
          if (typeof text === 'string' && isProbe(text)) return emptySample()
          // A channel closes a moment before the connection that it was cut off with.
          const cut = await Promise.race([ended, setImmediate(undefined)])
          if (!cut && typeof text === 'string') end(failure('PROTOCOL_MISMATCH', text))
          throw new FailureError(why)
        },
      })
    })
    client.connect({
      sock: stream,
      username: user,
      privateKey,
      authHandler: ['publickey'],
      readyTimeout: 0,
      keepaliveInterval: keepAliveMs,
      keepaliveCountMax: 2,
      algorithms: {
        serverHostKey: algorithmsOf.flatMap(([type, names]) =>
          hostKeys.some((key) => key.type === type) ? [...names] : [],
        ),
      },
      hostVerifier: (blob: Buffer) => {
        isGreeted = true
        const isPinned = hostKeys.some(({ key }) => key === blob.toString('base64'))
        if (!isPinned) end(failure('HOST_KEY_CHANGED'))
        return isPinned
      },
    })
  })
}

function emptySample(): Sample {
  return { atMs: 0, latencyMs: 0, load1: 0, cpus: 1, memoryBytes: 1, memoryFreeBytes: 1, buildNames: [] }
}

function codeOf(level: string | undefined, isGreeted: boolean): FailureCode {
  if (level === 'client-authentication') return 'LOGIN_REFUSED'
  if (level === 'client-timeout') return 'TIMED_OUT'
  return level === 'client-socket' || isGreeted ? 'CONNECTION_LOST' : 'NOT_SSH'
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
