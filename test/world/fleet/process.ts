import { spawn } from 'node:child_process'

export interface Finished {
  /** The exit status; 128 + signal number when a signal ended it, as a shell counts. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
  /** Ends the program, with everything it started, after this long. The result then has code 137. */
  readonly timeoutMs?: number
}

/** Runs a program to its end and returns what it said. Rejects only when it cannot be started. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [file = '', ...args] = argv
  return new Promise((resolve, reject) => {
    // A process group of its own, because nsenter does not pass a signal on to what runs inside.
    const child = spawn(file, args, { env: options.env ?? process.env, detached: true })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const kill = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended in the meantime.
      }
    }
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(kill, options.timeoutMs)
    options.signal?.addEventListener('abort', kill, { once: true })
    if (options.signal?.aborted) kill()
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.stdin.on('error', () => undefined) // A program may end without reading its input.
    child.stdin.end(options.input)
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', kill)
      finish()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code, signal) =>
      settle(() =>
        resolve({
          code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15),
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        }),
      ),
    )
  })
}

/** Runs a program that must succeed and returns its standard output; throws with its own words otherwise. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options)
  if (code !== 0) throw new Error(`${argv.slice(0, 6).join(' ')} ended with ${code}: ${stderr || stdout}`)
  return stdout
}

/** Asks until the answer is yes; throws naming what it waited for when the deadline passes. */
export async function until(what: string, isSo: () => Promise<boolean>, deadlineMs = 30_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The words before a command that make it a member of a control group. */
export function inCgroup(path: string): string[] {
  return ['sh', '-c', 'echo 0 >"$0/cgroup.procs" && exec "$@"', path]
}

/** Tells a process, or by a negative number its group, to end; one that has ended meanwhile is what is wanted. */
export function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
