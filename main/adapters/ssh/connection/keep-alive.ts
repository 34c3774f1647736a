import type { Socket } from 'node:net'
import type { Client } from 'ssh2'

export interface KeepAliveLimits {
  /** A host is asked for a word only when it has said none for so long; asked for anew each time. */
  readonly quietMs?: () => number
  /** From the asking until it is given up. */
  readonly wordMs?: number
}

/** Longer than the usual time between two probes, which are talk enough. */
const quietestMs = 5_500

/** The quiet of a host that is spoken to so often, a tenth more or less: where that is seldom, it is asked less too. */
export function quietBetween(intervalMs: number): number {
  return Math.max(quietestMs, 1.1 * intervalMs)
}

/**
 * Tells when a host has fallen silent behind a connection that stands. Unlike a keep-alive it costs nothing while
 * there is talk. Within nine seconds by
 * default. Begins when the client is ready; returns how to
 * stop.
 */
export function startKeepAlive(
  client: Client,
  socket: Socket,
  onSilence: () => void,
  { quietMs = () => quietestMs, wordMs = 3_500 }: KeepAliveLimits = {},
): () => void {
  let heardMs = performance.now()
  socket.on('data', () => {
    heardMs = performance.now()
  })
  const listen = () => {
    const leftMs = heardMs + quietMs() - performance.now()
    if (leftMs > 0) timer = setTimeout(listen, leftMs)
    else ask(performance.now())
  }
  const ask = (askedMs: number) => {
    if (!socket.writable) return
    // Any answer will do, also a no. What it says is true besides: a connection of ours is for one session.
    client.openssh_noMoreSessions(() => undefined)
    timer = setTimeout(() => (heardMs < askedMs ? onSilence() : listen()), wordMs)
  }
  let timer = setTimeout(listen, quietMs())
  return () => clearTimeout(timer)
}
