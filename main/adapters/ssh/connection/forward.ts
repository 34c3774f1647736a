import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'

interface Place {
  readonly host: string
  readonly port: number
}

/** A stream to a host as the jump host sees it. Fails with JUMP_FAILED, CANCELLED. */
export function forward(
  client: Client,
  jump: Place,
  target: Place,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const settle = (error?: string) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      if (error === undefined) return
      const facts = {
        jump: jump.host,
        host: target.host,
        port: String(target.port),
        said: cleanText(error, 1024),
      }
      reject(
        signal.aborted
          ? new FailureError({ code: 'CANCELLED', facts: {} })
          : new FailureError({ code: 'JUMP_FAILED', facts, detail: cleanText(error, 1024) }),
      )
    }
    const onAbort = () => settle('cancelled')
    const timer = setTimeout(() => settle(`no answer within ${timeoutMs / 1000} s`), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) return onAbort()
    try {
      client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, channel) => {
        if (error) return settle(error.message)
        if (isOver) return channel.close()
        settle()
        resolve(channel)
      })
    } catch (error) {
      settle(String(error))
    }
  })
}
