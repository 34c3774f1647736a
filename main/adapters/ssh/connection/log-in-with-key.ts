import type { Socket } from 'node:net'
import ssh2 from 'ssh2'
import { readMismatch } from '../../../../core/causes/library-messages'
import { createFailure, type KnownFailure } from '../../../../core/failures/failure'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError, fail } from '../../../failures'
import type { ProbeTarget } from '../../../ports/monitor'
import { readsAsPrivateKey } from '../key-pair'
import { type KeepAliveLimits, startKeepAlive } from './keep-alive'
import { algorithmsOf } from './login'
import { openSocket } from './open-socket'

export interface LoginLimits extends KeepAliveLimits {
  readonly connectTimeoutMs?: number
  /** From an open socket to a finished login. */
  readonly loginTimeoutMs?: number
}

/** Why such a connection ends; what the probe over it finds is among it. */
export type EndCode =
  | 'CANCELLED'
  | 'COLLECT_FAILED'
  | 'CONNECTION_LOST'
  | 'HOST_KEY_CHANGED'
  | 'HOST_KEY_TYPE_REFUSED'
  | 'LOGIN_REFUSED'
  | 'NO_COMMON_ALGORITHM'
  | 'NOT_SSH'
  | 'PROTOCOL_MISMATCH'
  | 'REMOTE_SCRIPTS_OUTDATED'
  | 'TIMED_OUT'

/** A connection to a builder, logged in with one of the app's own keys. */
export interface LoggedIn {
  readonly client: ssh2.Client
  /** Settles when the connection ends, with why: CONNECTION_LOST unless `end` or an abort said otherwise. */
  readonly ended: Promise<KnownFailure>
  /** Ends it, and says why. The first reason counts, but for a mere loss. */
  end(code: EndCode, detail?: string): void
}

const longestDetail = 1024

/** Logs in to a builder. Only the host keys of root's files count, and nothing is ever asked. A key that is no key is NOT_WATCHED. */
export async function logInWithKey(
  builder: ProbeTarget,
  privateKey: string,
  signal: AbortSignal,
  limits: LoginLimits = {},
): Promise<LoggedIn> {
  const { connectTimeoutMs = 5_000 } = limits
  if (!readsAsPrivateKey(privateKey)) fail('NOT_WATCHED', { builder: builder.id })
  const stream = await openSocket(builder.host, builder.port, connectTimeoutMs, signal)
  return await logIn(stream, builder, privateKey, signal, limits)
}

function logIn(
  stream: Socket,
  { id, host, port, user, hostKeys }: ProbeTarget,
  privateKey: string,
  signal: AbortSignal,
  { loginTimeoutMs = 5_000, ...limits }: LoginLimits,
): Promise<LoggedIn> {
  const failure = (code: EndCode, detail = '') =>
    createFailure(
      code,
      {
        builder: id,
        host,
        port: String(port),
        user,
        ...(code === 'LOGIN_REFUSED' ? { whose: 'watching' } : {}),
      },
      cleanText(detail, longestDetail),
    )
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let why = failure('CONNECTION_LOST')
    let isGreeted = false
    let stopPulse = () => {}
    const end = (code: EndCode, detail?: string) => {
      if (why.code === 'CONNECTION_LOST') why = failure(code, detail)
      client.destroy()
      stream.destroy()
    }
    const onAbort = () => end('CANCELLED')
    const timer = setTimeout(() => end('TIMED_OUT'), loginTimeoutMs)
    const ended = new Promise<KnownFailure>((settle) => {
      stream.once('close', () => {
        clearTimeout(timer)
        stopPulse()
        signal.removeEventListener('abort', onAbort)
        settle(why)
        reject(new FailureError(why))
      })
    })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) return onAbort()

    client.on('error', (error) => {
      end(readMismatch(error.message) ?? codeOf(error.level, isGreeted), error.message)
    })
    client.on('handshake', () => {
      isGreeted = true
    })
    client.on('ready', () => {
      clearTimeout(timer)
      stopPulse = startKeepAlive(client, stream, () => end('TIMED_OUT'), limits)
      resolve({ client, ended, end })
    })
    client.connect({
      sock: stream,
      username: user,
      privateKey,
      authHandler: ['publickey'],
      readyTimeout: 0,
      // For the question that keeps the pulse, which a server of any make answers.
      strictVendor: false,
      algorithms: {
        serverHostKey: algorithmsOf.flatMap(([type, names]) =>
          hostKeys.some((key) => key.type === type) ? [...names] : [],
        ),
      },
      hostVerifier: (blob: Buffer) => {
        isGreeted = true
        const isPinned = hostKeys.some(({ key }) => key === blob.toString('base64'))
        if (!isPinned) end('HOST_KEY_CHANGED')
        return isPinned
      },
    })
  })
}

function codeOf(level: string | undefined, isGreeted: boolean): EndCode {
  if (level === 'client-authentication') return 'LOGIN_REFUSED'
  if (level === 'client-timeout') return 'TIMED_OUT'
  return level === 'client-socket' || isGreeted ? 'CONNECTION_LOST' : 'NOT_SSH'
}
