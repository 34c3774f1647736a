import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { canonicalPath, type System } from './system'

export interface RunResult {
  /** Undefined when it was killed, or could not be started at all. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  readonly missing: boolean
}

/** A builder's chatter must not fill root's memory; Nix's own settings are some 100 KiB. */
const maxBytes = { stdout: 1024 * 1024, stderr: 64 * 1024 }

/** How long output may still come after a program has ended. */
const drainMs = 1000

interface Options {
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs a program to its end in a process group of its own, with nothing of the caller's environment. Never
 * fails: what went wrong is in the answer. The whole group dies at the time-out.
 */
export function run(
  system: System,
  [program = '', ...args]: readonly string[],
  options: Options,
): Promise<RunResult> {
  const { promise, resolve } = deferred<RunResult>()
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { ...childEnvironment(system), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, options.timeoutMs)
  const stdout = collect(child.stdout, maxBytes.stdout)
  const stderr = collect(child.stderr, maxBytes.stderr)
  const end = (status: number | undefined, missing: boolean) => {
    clearTimeout(timer)
    resolve({ status, stdout: stdout(), stderr: stderr(), timedOut, missing })
  }
  child.on('error', () => end(undefined, true))
  child.on('close', (status) => end(status ?? undefined, false))
  // What a service's own script leaves running may hold our pipes open for good, and is not ours to kill.
  child.on('exit', (status) => {
    clearTimeout(timer)
    setTimeout(() => end(status ?? undefined, false), drainMs)
  })
  return promise
}

/** Caches go where nothing outlives the day: root's home stays as it was. */
function childEnvironment({ home, runDirectory }: System): Record<string, string> {
  const cache = `${runDirectory}/cache`
  return {
    PATH: canonicalPath,
    HOME: home,
    USER: 'root',
    LOGNAME: 'root',
    LC_ALL: 'C',
    XDG_CACHE_HOME: cache,
    XDG_STATE_HOME: cache,
    XDG_DATA_HOME: cache,
  }
}

function collect(stream: NodeJS.ReadableStream, capBytes: number): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < capBytes) chunks.push(chunk.subarray(0, capBytes - size))
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** What a program said, fit to be shown: printable, and not long. */
export function outputOf({ stdout, stderr, timedOut }: RunResult): string {
  const text = stripVTControlCharacters(stderr.trim() || stdout.trim())
    .replaceAll('\r', '')
    .replace(/[^\x20-\x7e\n]/g, '?')
  return timedOut ? `It did not end in time. ${text}`.slice(0, 4000) : text.slice(-4000)
}
