import { createSsh } from '../../../../main/adapters/ssh/ssh'
import { toFailure } from '../../../../main/failures'

/** `node SCRIPT HOME PORT TIMEOUT_MS`: logs in once, and prints how that ended and what it took. */
const [, , home = '', port = '', timeoutMs = ''] = process.argv
const startMs = performance.now()

function report({ code, detail = '' }: { readonly code: string; readonly detail?: string | undefined }) {
  const tookMs = Math.round(performance.now() - startMs)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  process.stdout.write(JSON.stringify({ code, detail, tookMs, peakBytes }), () => process.exit(0))
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
