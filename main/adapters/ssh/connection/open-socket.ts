import { connect, type Socket } from 'node:net'
import { createFailure } from '../../../../core/failures/failure'
import { FailureError } from '../../../failures'

type SocketCode =
  | 'CANCELLED'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_LOST'
  | 'CONNECTION_REFUSED'
  | 'NAME_NOT_FOUND'
  | 'NAME_UNRESOLVED'
  | 'UNREACHABLE'

const codes: Readonly<Record<string, SocketCode>> = {
  ENOTFOUND: 'NAME_NOT_FOUND',
  EAI_AGAIN: 'NAME_UNRESOLVED',
  EAI_FAIL: 'NAME_UNRESOLVED',
  EAI_SYSTEM: 'NAME_UNRESOLVED',
  EAI_NODATA: 'NAME_NOT_FOUND',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ECONNRESET: 'CONNECTION_LOST',
  EHOSTDOWN: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ETIMEDOUT: 'UNREACHABLE',
}

/**
 * A TCP connection, to whichever of the host's addresses answers first. Fails with NAME_NOT_FOUND, NAME_UNRESOLVED,
 * CONNECTION_REFUSED, UNREACHABLE (also after `timeoutMs`), CANCELLED, and CONNECTION_FAILED for what else connect(2)
 * may say.
 */
export function openSocket(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
  /** `AddressFamily` of ssh_config(5); 0 for any. */
  family: 0 | 4 | 6 = 0,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const facts = { host, port: String(port) }
    if (signal.aborted) return reject(new FailureError({ code: 'CANCELLED', facts: {} }))
    const socket = connect({ host, port, family })
    // Without it every small packet waits for the one before: connect and one command took 263 ms, not 52.
    socket.setNoDelay(true)
    const settle = (code: SocketCode | undefined, detail?: string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners('connect').removeAllListeners('error')
      if (!code) return resolve(socket)
      // What it says after we have given it up is of no use.
      socket.on('error', () => {}).destroy()
      reject(new FailureError(createFailure(code, facts, detail)))
    }
    const onAbort = () => settle('CANCELLED')
    const timer = setTimeout(() => settle('UNREACHABLE', `no answer within ${timeoutMs / 1000} s`), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => settle(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(codes[error.code ?? ''] ?? 'CONNECTION_FAILED', error.message || error.code),
    )
  })
}
