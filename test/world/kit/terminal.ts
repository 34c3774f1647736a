import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ExecOptions, Host } from '../fleet/host'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'
import type { Finished } from '../fleet/process'

const program = `${projectOnHost}/out/main/cli.js`

interface Line {
  readonly step?: string
  readonly state?: string
  readonly result?: string
  readonly failure?: { readonly code: string; readonly title: string }
  readonly leftBehind?: readonly string[]
}

/** A `millwright … --json` that runs on a host. */
export interface Running {
  /** Settles when the step is in the state; rejects when the program ends before that. */
  reached(step: string, state: 'running' | 'done'): Promise<void>
  readonly ended: Promise<{
    readonly code: number | null
    readonly lines: readonly Line[]
    readonly last: Line
  }>
  kill(signal: NodeJS.Signals): void
}

/** Runs the built terminal program on a host, as root unless told. */
export function millwright(
  host: Host,
  line: string,
  options: Pick<ExecOptions, 'input' | 'user' | 'env' | 'timeoutMs'> = {},
): Promise<Finished> {
  return host.exec([nodeOnHost, program, ...line.split(' ')], options)
}

/** Starts it and lets a test watch its steps. */
export function startMillwright(host: Host, line: string, input = ''): Running {
  const [command = '', ...args] = host.enter([nodeOnHost, program, ...line.split(' ')])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(input)
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text))
    for (const look of waiting) look()
  })
  const ended = new Promise<{ code: number | null; lines: Line[]; last: Line }>((resolve) => {
    child.on('close', (code) => resolve({ code, lines, last: lines.at(-1) ?? {} }))
  })
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    reached: (step, state) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!lines.some((seen) => seen.step === step && seen.state === state)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        void ended.then(() =>
          reject(new Error(`ended before ${step} was ${state}: ${JSON.stringify(lines)}`)),
        )
      }),
  }
}
