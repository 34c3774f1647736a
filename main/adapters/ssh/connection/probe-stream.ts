import type { Client, ClientChannel } from 'ssh2'
import type { Sample } from '../../../../contract/health'
import { protocolVersions } from '../../../../contract/version'
import {
  maxProbeBytes,
  type ProbeLine,
  parseProbe,
  probeProtocolVersion,
} from '../../../../core/health/probe-line'

/** What came instead of a sample. */
export interface ProbeFailure {
  readonly code: 'CONNECTION_LOST' | 'PROTOCOL_MISMATCH' | 'REMOTE_SCRIPTS_OUTDATED'
  readonly said: string
}

/** The one process over there that probes. Never rejects. */
export interface ProbeStream {
  ask(timeoutMs: number): Promise<Sample | ProbeFailure>
  /** Its connection is gone: whoever waits hears of it, and nobody is asked any more. */
  close(): void
}

interface Asked {
  readonly settle: (answer: Sample | ProbeFailure) => void
  /** Set once the question is on its way. */
  atMs: number
  startMs: number
  latencyMs?: number
}

/** The clock over there is told in whole seconds: on average it is half of one ahead of what it says. */
const halfSecondMs = 500

/**
 * Starts `remote/probe.sh` and asks it a line at a time: its pace is ours, and between two probes nothing runs there.
 * What it prints is taken for hostile: one line of bounded length for each that is asked for, and nothing besides.
 */
export function startProbe(client: Client): ProbeStream {
  let channel: ClientChannel | undefined
  let rest = ''
  let isGreeted = false
  let asked: Asked | undefined
  let broken: ProbeFailure | undefined

  const settle = (answer: Sample | ProbeFailure) => {
    const waiting = asked
    asked = undefined
    waiting?.settle(answer)
  }
  const giveUp = (code: ProbeFailure['code'], said: string) => {
    broken ??= { code, said }
    settle(broken)
  }
  /** Not before the process there has greeted: how long it took to start is not how long an answer takes. */
  const send = (question: Asked) => {
    question.atMs = Date.now()
    question.startMs = performance.now()
    channel?.write('\n')
  }
  const greet = (line: string) => {
    const found = probeProtocolVersion(line)
    if (found === protocolVersions.probe) {
      isGreeted = true
      if (asked) send(asked)
    } else giveUp(found === undefined ? 'PROTOCOL_MISMATCH' : 'REMOTE_SCRIPTS_OUTDATED', line)
  }
  const take = (line: string) => {
    if (!isGreeted) return greet(line)
    const parsed = asked && parseProbe(line)
    if (asked && parsed) settle(sampleOf(parsed, asked))
    else giveUp('PROTOCOL_MISMATCH', line)
  }
  const hear = (data: Buffer) => {
    if (broken) return
    if (isGreeted && asked) asked.latencyMs ??= performance.now() - asked.startMs
    const lines = `${rest}${data.toString('latin1')}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (!broken) take(line)
    if (rest.length > maxProbeBytes) giveUp('PROTOCOL_MISMATCH', rest)
  }
  try {
    client.exec('millwright-probe', (error, opened) => {
      if (error) return giveUp('PROTOCOL_MISMATCH', error.message)
      channel = opened
      opened.on('data', hear)
      opened.stderr.resume()
      // It closes then, which is heard below.
      opened.on('error', () => undefined)
      opened.on('close', () => giveUp('PROTOCOL_MISMATCH', rest))
    })
  } catch {
    giveUp('CONNECTION_LOST', '') // ssh2 throws where the connection has ended since the login.
  }
  return {
    close: () => giveUp('CONNECTION_LOST', ''),
    ask: (timeoutMs) =>
      new Promise((resolve) => {
        if (broken) return resolve(broken)
        const timer = setTimeout(
          () => giveUp('PROTOCOL_MISMATCH', `no sample within ${timeoutMs / 1000} s`),
          timeoutMs,
        )
        const settleOnce = (answer: Sample | ProbeFailure) => {
          clearTimeout(timer)
          resolve(answer)
        }
        asked = { settle: settleOnce, atMs: Date.now(), startMs: performance.now() }
        if (isGreeted) send(asked)
      }),
  }
}

function sampleOf(
  { clockSeconds, ...line }: ProbeLine,
  { atMs, startMs, latencyMs: firstMs }: Asked,
): Sample {
  const tookMs = performance.now() - startMs
  const latencyMs = Math.round((firstMs ?? tookMs) * 10) / 10
  const offset =
    clockSeconds === undefined
      ? {}
      : { clockOffsetMs: Math.round(clockSeconds * 1000 + halfSecondMs - (atMs + tookMs - latencyMs / 2)) }
  return { ...line, atMs: Math.round(atMs + tookMs), latencyMs, ...offset }
}
