import { readFileSync } from 'node:fs'
import { createSsh } from '../../../../main/adapters/ssh/ssh'
import { toFailure } from '../../../../main/failures'

/** `node SCRIPT HOME PORT TIMEOUT_MS`: logs in once, and prints how that ended and what it took. */
const [, , home = '', port = '', timeoutMs = ''] = process.argv
const startMs = performance.now()

function report({ code, detail = '' }: { readonly code: string; readonly detail?: string | undefined }) {
  const tookMs = Math.round(performance.now() - startMs)
  const peakBytes = peakOfThisProgram()
  process.stdout.write(JSON.stringify({ code, detail, tookMs, peakBytes }), () => process.exit(0))
}

/** Linux counts in `maxRSS` also what the process was before it became this program. */
function peakOfThisProgram(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
  } catch {
    // Not Linux.
    return process.resourceUsage().maxRSS * 1024
  }
}

createSsh({
  knownHostsFile: `${home}/own`,
  homeDir: home,
  systemDir: home,
  userName: 'dev',
  agentSocket: undefined,
  handshakeTimeoutMs: Number(timeoutMs),
})
  .open(
    { host: '127.0.0.1', port: Number(port), user: 'anna' },
    async () => ({ kind: 'yes' }),
    new AbortController().signal,
  )
  .then(
    () => report({ code: 'LOGGED_IN' }),
    (error: unknown) => report(toFailure(error)),
  )
