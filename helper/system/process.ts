import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import type { System } from './system'

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

/** The process groups that run now; they end with us when we end before them. */
const running = new Set<number>()

/** Ends whatever still runs for us, at once. */
export function killAllRunning(): void {
  for (const pid of running) killGroup(pid)
}

export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

interface Options {
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs a program to its end in a process group of its own, with nothing of the caller's environment. What went wrong
 * with it is in the answer; throws only where this computer cannot start any more (EMFILE, EAGAIN, ENOMEM). The whole
 * group dies at the time-out.
 */
export function run(
  system: System,
  [program = '', ...args]: readonly string[],
  options: Options,
): Promise<RunResult> {
  const { promise, resolve, reject } = deferred<RunResult>()
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { ...childEnvironment(system), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    killGroup(child.pid)
  }, options.timeoutMs)
  if (child.pid !== undefined) running.add(child.pid)
  const stdout = collect(child.stdout, maxBytes.stdout)
  const stderr = collect(child.stderr, maxBytes.stderr)
  const end = (status: number | undefined, missing: boolean) => {
    clearTimeout(timer)
    if (child.pid !== undefined) running.delete(child.pid)
    resolve({ status, stdout: stdout(), stderr: stderr(), timedOut, missing })
  }
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (isNotThere(error)) return end(undefined, true)
    clearTimeout(timer)
    reject(error)
  })
  child.on('close', (status) => end(status ?? undefined, false))
  // What a service's own script leaves running may hold our pipes open for good, and is not ours to kill.
  child.on('exit', (status) => {
    clearTimeout(timer)
    setTimeout(() => end(status ?? undefined, false), drainMs)
  })
  return promise
}

/** execve(2): there is no such program, or it is none. */
function isNotThere({ code }: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR'].includes(code ?? '')
}

/** Caches go where nothing outlives the day: root's home stays as it was. */
function childEnvironment({
  home,
  userName,
  searchPath,
  runDirectory,
  nixEnvironment,
}: System): Record<string, string> {
  const cache = `${runDirectory}/cache`
  return {
    PATH: searchPath,
    HOME: home,
    USER: userName,
    LOGNAME: userName,
    LC_ALL: 'C',
    XDG_CACHE_HOME: cache,
    XDG_STATE_HOME: cache,
    XDG_DATA_HOME: cache,
    ...nixEnvironment,
  }
}

/** Where no more files can be opened, a child comes without its pipes. */
function collect(stream: NodeJS.ReadableStream | undefined, capBytes: number): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    if (size < capBytes) chunks.push(chunk.subarray(0, capBytes - size))
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}

/** What a program said, fit to be shown: printable, and not long. */
export function outputOf({ stdout, stderr, timedOut }: RunResult): string {
  const text = stripVTControlCharacters(stderr.trim() || stdout.trim())
    .replaceAll('\r', '')
    .replace(/[^\x20-\x7e\n]/g, '?')
  return timedOut ? `It did not end in time. ${text}`.slice(0, 4000) : text.slice(-4000)
}
