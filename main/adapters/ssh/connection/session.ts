import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { readMismatch } from '../../../../core/causes/library-messages'
import { createFailure } from '../../../../core/failures/failure'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'
import type { Authentication } from '../authentication/authentication'
import { type OfferedKey, toOfferedKey } from '../authentication/host-keys'
import type { Prompter } from '../authentication/prompter'
import { allowCertificates } from './certificate-login'

export interface SessionOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Host key algorithms to ask for, the preferred first. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[]
  /** Resolves when the key is settled; rejects to end the session before anything secret is sent. */
  readonly settleHostKey: (offered: OfferedKey) => Promise<void>
  readonly authentication: Authentication
  readonly prompter: Prompter
  /** Handed a function that ends the session with an error, for what goes wrong inside a signature. */
  readonly onStop: (stop: (error: unknown) => void) => void
  /** For handshake and login together; begins anew with each answer of a person, whom no clock runs against. */
  readonly timeoutMs: number
  /** How much a server that nobody has let in by may still send; shared by all connections of one login. */
  readonly allowance: Allowance
  readonly signal: AbortSignal
}

/** Bytes that are left to a stranger's server. */
export interface Allowance {
  leftBytes: number
}

/** An authenticated connection. */
export interface Session {
  readonly client: Client
  /** Keys that the host has proven to own over this connection (OpenSSH's hostkeys-prove), once they come. */
  readonly provenKeys: Promise<readonly OfferedKey[]>
}

type MismatchCode = 'HOST_KEY_TYPE_REFUSED' | 'NO_COMMON_ALGORITHM'
type EndCode = 'CANCELLED' | 'CONNECTION_LOST' | 'NOT_SSH' | MismatchCode | 'TIMED_OUT'

interface LibraryError extends Error {
  /** `protocol` and `handshake` end a connection; `agent` and `client-authentication` one key (ssh2, client.js). */
  readonly level?: string
}

const keepAliveMs = 15_000
/** Lines before the version string (RFC 4253 §4.2). */
const longestGreetingBytes = 64 * 1024
const strangersBytes = 64 * 2 ** 20
const keepAliveTries = 3
const provenKeysTimeoutMs = 400

/** What a server may send before anybody is logged in, over all connections of one login. */
export function createAllowance(): Allowance {
  return { leftBytes: strangersBytes }
}

/**
 * One try at a login over an open stream. Undefined when the server ended the connection during the login,
 * which sshd does after too many keys or too long a question. Fails with NOT_SSH, NO_COMMON_ALGORITHM, HOST_KEY_TYPE_REFUSED,
 * CONNECTION_LOST, TIMED_OUT, CANCELLED, and with whatever host key and authentication fail with. A server that breaks
 * the protocol is heard no further. Leaves no socket and no listener behind.
 */
export function openSession(stream: Duplex, options: SessionOptions): Promise<Session | undefined> {
  const { authentication, prompter, signal } = options
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let phase: 'greeting' | 'handshake' | 'login' | 'over' = 'greeting'
    let greeting = ''
    let isClosed = false
    let lastError: Error | undefined
    let hostKey: OfferedKey | undefined
    let timer: NodeJS.Timeout | undefined
    let deadlineMs = performance.now() + options.timeoutMs

    const finish = () => {
      phase = 'over'
      clearTimeout(timer)
      prompter.onChange = () => {}
      signal.removeEventListener('abort', onAbort)
      stream.off('data', onData).off('data', onGreeting)
    }
    const stop = (error: unknown) => {
      if (phase === 'over') return
      finish()
      stream.destroy()
      reject(error)
    }
    const failWith = (code: EndCode, said = lastError?.message ?? '') => {
      const facts = { host: options.host, port: String(options.port) }
      stop(new FailureError(createFailure(code, facts, cleanText(said, 1024))))
    }
    const onFatal = ({ level, message }: LibraryError) => {
      const mismatch = readMismatch(message)
      if (mismatch) return failWith(mismatch)
      failWith(level === 'protocol' && !hostKey && greeting !== '' ? 'NOT_SSH' : 'CONNECTION_LOST')
    }
    const onAbort = () => failWith('CANCELLED')
    const onSilence = () => failWith(phase === 'greeting' && greeting !== '' ? 'NOT_SSH' : 'TIMED_OUT')
    const onEnd = () => {
      if (phase === 'over') return
      if (phase === 'greeting') return failWith(greeting === '' ? 'CONNECTION_LOST' : 'NOT_SSH')
      if (!hostKey) return failWith('CONNECTION_LOST')
      finish()
      resolve(undefined)
    }
    /** Nothing that the server does gives it more time. An end while a person thinks waits for the answer. */
    const watch = () => {
      clearTimeout(timer)
      if (prompter.isAsking()) return
      if (isClosed) onEnd()
      else timer = setTimeout(onSilence, deadlineMs - performance.now())
    }
    const onGreeting = (data: Buffer) => {
      greeting += data.toString('latin1')
      const isGreeted = /(^|\n)SSH-/.test(greeting)
      if (greeting.length > longestGreetingBytes && !isGreeted) {
        return failWith('NOT_SSH', 'more than 64 KiB came, and no SSH version among it')
      }
      if (!isGreeted) return
      phase = 'handshake'
      stream.off('data', onGreeting)
    }
    const onData = (data: Buffer) => {
      options.allowance.leftBytes -= data.length
      if (options.allowance.leftBytes < 0)
        failWith('CONNECTION_LOST', 'it sent more than 64 MiB before the login')
    }
    const verifyHostKey = (blob: Buffer, verify: (isValid: boolean) => void) => {
      const offered = toOfferedKey(blob)
      // Asked again at every rekey: then only the same key will do.
      if (hostKey) return verify(offered.key === hostKey.key)
      hostKey = offered
      options.settleHostKey(offered).then(() => {
        if (!isClosed && phase !== 'over') verify(true)
      }, stop)
    }

    options.onStop(stop)
    prompter.onChange = () => {
      deadlineMs = performance.now() + options.timeoutMs
      watch()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const provenKeys = readProvenKeys(client)
    // A refused signature is an error to ssh2, yet only the end of one key to us; what closes the socket is heard there.
    client.on('error', (error: LibraryError) => {
      lastError = error
      if (error.level === 'protocol' || error.level === 'handshake') onFatal(error)
    })
    client.on('handshake', () => {
      if (phase === 'handshake') phase = 'login'
    })
    client.on('ready', () => {
      finish()
      resolve({ client, provenKeys })
    })
    client.on('close', () => {
      isClosed = true
      if (phase === 'login' && !authentication.lost(prompter.isAsking())) return failWith('CONNECTION_LOST')
      watch()
    })
    watch()
    if (signal.aborted) return onAbort()
    client.connect({
      sock: stream,
      username: options.user,
      readyTimeout: 0,
      keepaliveInterval: keepAliveMs,
      keepaliveCountMax: keepAliveTries,
      algorithms: { serverHostKey: [...options.algorithms] },
      hostVerifier: verifyHostKey,
      authHandler: (offered, isPartial, next) => {
        authentication.next(offered ?? undefined, isPartial === true).then((method) => {
          if (!isClosed && phase !== 'over') next(method)
        }, stop)
      },
    })
    allowCertificates(client, options.user)
    stream.on('data', onGreeting).on('data', onData)
  })
}

/** OpenSSH offers its other keys right after the login; ssh2 has each proven by a signature over this session. */
function readProvenKeys(client: Client): Promise<readonly OfferedKey[]> {
  return new Promise((resolve) => {
    client.once('ready', () => setTimeout(resolve, provenKeysTimeoutMs, []).unref())
    client.once('hostkeys', (keys) => resolve(keys.map((key) => toOfferedKey(key.getPublicSSH()))))
    client.once('close', () => resolve([]))
  })
}
