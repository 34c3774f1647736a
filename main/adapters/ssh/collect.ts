import type ssh2 from 'ssh2'
import { protocolVersions } from '../../../contract/version'
import { collectProtocolVersion, maxCollectLineBytes, parseCollectLine } from '../../../core/nix/collect'
import { cleanText } from '../../../core/text/clean-text'
import { FailureError } from '../../failures'
import type { CollectPort, Garbage } from '../../ports/collect'
import type { ProbeTarget } from '../../ports/monitor'
import { type LoginLimits, logInWithKey } from './connection/log-in-with-key'

export interface CollectOptions extends LoginLimits {
  /** The script tells something every second. */
  readonly silenceMs?: number
}

/** A line a second for more than four hours. */
const mostBytes = 2 ** 20
const longestDetail = 2000

/** Runs `remote/collect.sh` by its own key, on a connection of its own for each call. */
export function createCollect(options: CollectOptions = {}): CollectPort {
  const { silenceMs = 120_000 } = options
  const run = async (
    what: 'count' | 'free',
    builder: ProbeTarget,
    privateKey: string,
    signal: AbortSignal,
    onProgress?: (soFar: Garbage) => void,
  ): Promise<Garbage> => {
    const login = await logInWithKey(builder, privateKey, signal, options)
    const timer = setTimeout(() => login.end('TIMED_OUT'), silenceMs)
    try {
      const asked = ask(login.client, what, (soFar) => {
        timer.refresh()
        onProgress?.(soFar)
      })
      const answer = await Promise.race([asked, login.ended.then(() => undefined)])
      if (answer && 'paths' in answer) return answer
      // Where the connection ended before, the reason for that stands.
      if (answer)
        login.end(isOfAnotherVersion(answer.said) ? 'REMOTE_SCRIPTS_OUTDATED' : 'COLLECT_FAILED', answer.said)
      else login.end('CONNECTION_LOST')
      throw new FailureError(await login.ended)
    } finally {
      clearTimeout(timer)
      login.end('CANCELLED')
    }
  }
  return {
    count: (builder, privateKey, signal) => run('count', builder, privateKey, signal),
    collect: (builder, privateKey, onProgress, signal) =>
      run('free', builder, privateKey, signal, onProgress),
  }
}

function isOfAnotherVersion(said: string): boolean {
  const version = collectProtocolVersion(said)
  return version !== undefined && version !== protocolVersions.collect
}

/** The last line's figures, or what was said instead of it; undefined when the connection was cut. Never rejects. */
function ask(
  client: ssh2.Client,
  what: 'count' | 'free',
  heard: (soFar: Garbage) => void,
): Promise<Garbage | { readonly said: string } | undefined> {
  return new Promise((resolve) => {
    let rest = ''
    let total = 0
    let complaint = ''
    let isOver = false
    let answer: Garbage | undefined
    const giveUp = (said: string) => {
      isOver = true
      resolve({ said: cleanText(said, longestDetail) })
    }
    const take = (line: string) => {
      const parsed = parseCollectLine(line)
      if (!parsed) return giveUp(line)
      const { isDone, ...soFar } = parsed
      if (isDone) answer = soFar
      else heard(soFar)
    }
    try {
      client.exec(`millwright-collect ${what}`, (error, channel) => {
        if (error) return giveUp(error.message)
        channel.on('data', (data: Buffer) => {
          total += data.length
          if (total > mostBytes) giveUp('it says too much')
          const lines = isOver ? [] : `${rest}${data.toString('latin1')}`.split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) if (!isOver) take(line)
          if (rest.length > maxCollectLineBytes) giveUp(rest)
        })
        channel.stderr.on('data', (data: Buffer) => {
          complaint = `${complaint}${data.toString('utf8')}`.slice(-longestDetail)
        })
        channel.on('close', () => {
          if (answer) resolve(answer)
          else giveUp(complaint || rest)
        })
      })
    } catch {
      resolve(undefined) // ssh2 throws where the connection has ended since the login.
    }
  })
}
