import { spawn } from 'node:child_process'

export interface ProgramOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** How a program ended; `status` is undefined when it did not start or was killed. */
export interface ProgramResult {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly ended: 'exit' | 'missing' | 'timed-out' | 'cancelled'
}

const maximumBytes = 4 * 1024 * 1024

/**
 * Runs a program without a shell, to its end or its time-out. Never rejects. Not by execa: from 9 on it takes a newer
 * Node than Electron 25 has, and 8 kills a program that says too much, of which this keeps the beginning.
 */
export function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const [file = '', ...args] = argv
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'pipe', cwd: '/', ...(options.env ? { env: options.env } : {}) })
    let stdout = ''
    let stderr = ''
    const settle = (ended: ProgramResult['ended'], status?: number) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      resolve({ status, stdout, stderr, ended })
    }
    const end = (ended: ProgramResult['ended']) => {
      settle(ended)
      if (child.pid === undefined) return
      child.kill()
      // A program of root's cannot be killed; it is left to finish, and nobody listens any more.
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
    }
    const onAbort = () => end('cancelled')
    const timer = setTimeout(() => end('timed-out'), options.timeoutMs)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    child.on('error', () => settle('missing'))
    // Not even its pipes are there, where too many files are open.
    if (child.pid === undefined) return
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < maximumBytes) stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < maximumBytes) stderr += text
    })
    // A program that does not read its input to the end may end well all the same.
    child.stdin.on('error', () => {})
    child.on('close', (status) => settle('exit', status ?? undefined))
    if (options.signal?.aborted) return onAbort()
    child.stdin.end(options.input ?? '')
  })
}
