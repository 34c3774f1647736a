import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { createFailure } from '../../../../core/failures/failure'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'
import type { Authentication } from '../authentication/authentication'
import { type OfferedKey, toOfferedKey } from '../authentication/host-keys'
import type { Prompter } from '../authentication/prompter'

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
  /** For handshake and login, not counting the time that a person takes to answer. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** An authenticated connection. */
export interface Session {
  readonly client: Client
  /** Keys that the host has proven to own over this connection (OpenSSH's hostkeys-prove), once they come. */
  readonly provenKeys: Promise<readonly OfferedKey[]>
}

const keepAliveMs = 15_000
const keepAliveTries = 3
const provenKeysTimeoutMs = 400

/**
 * One try at a login over an open stream. Undefined when the server ended the connection during the login,
 * which sshd does after too many keys or too long a question. Fails with NOT_SSH, CONNECTION_LOST, TIMED_OUT,
 * CANCELLED, and with whatever host key and authentication fail with. Leaves no socket and no listener behind.
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

    const finish = () => {
      phase = 'over'
      clearTimeout(timer)
      prompter.onChange = () => {}
      signal.removeEventListener('abort', onAbort)
    }
    const stop = (error: unknown) => {
      if (phase === 'over') return
      finish()
      stream.destroy()
      reject(error)
    }
    const failWith = (code: 'CANCELLED' | 'CONNECTION_LOST' | 'NOT_SSH' | 'TIMED_OUT') => {
      const facts = { host: options.host, port: String(options.port) }
      stop(new FailureError(createFailure(code, facts, cleanText(lastError?.message ?? '', 1024))))
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
    /** The clock stands still while a person thinks, and an end in the meantime waits for the answer. */
    const watch = () => {
      clearTimeout(timer)
      if (prompter.isAsking()) return
      if (isClosed) onEnd()
      else timer = setTimeout(onSilence, options.timeoutMs)
    }
    const onGreeting = (data: Buffer) => {
      greeting += data.toString('latin1')
      if (!/(^|\n)SSH-/.test(greeting)) return
      phase = 'handshake'
      stream.off('data', onGreeting)
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
    prompter.onChange = watch
    signal.addEventListener('abort', onAbort, { once: true })
    const provenKeys = readProvenKeys(client)
    // A refused signature is an error to ssh2, yet only the end of one key to us; the rest ends in `close`.
    client.on('error', (error) => {
      lastError = error
    })
    client.on('handshake', () => {
      if (phase === 'handshake') phase = 'login'
      watch()
    })
    client.on('ready', () => {
      finish()
      resolve({ client, provenKeys })
    })
    client.on('close', () => {
      isClosed = true
      if (phase === 'login') authentication.lost(prompter.isAsking())
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
          watch()
          if (!isClosed && phase !== 'over') next(method)
        }, stop)
      },
    })
    stream.on('data', onGreeting)
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
