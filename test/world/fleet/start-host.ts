import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cleanPath } from './enter'
import { type Host, type HostFacts, makeHost, waitForServices } from './host'
import { layersOf } from './images'

/** `room` has the host's files in ROOM/seed. */
export interface StartOptions extends HostFacts {
  readonly diskMiB: number
  readonly binds: readonly Bind[]
  /** Connects the network cable to the host's first process. */
  readonly plugIn: (pid: number) => Promise<void>
  /** Told at once about the process that keeps the host alive, so that it can be ended if the start fails. */
  readonly onStart: (keeper: ChildProcess) => void
}

/** A folder or file of the machine that the host sees too, read-only unless told. */
export interface Bind {
  readonly from: string
  /** Where on the host; the same path unless told. */
  readonly to?: string
  readonly writable?: boolean
}

/** Starts a host. It lives until its keeper's standard input is closed, also by the death of this process. */
export async function startHost(options: StartOptions): Promise<Host> {
  mkdirSync(join(options.room, 'disk'))
  const script = join(import.meta.dirname, 'machine/keeper.sh')
  const keeper = spawn('unshare', ['-m', '-n', '-p', '-u', '-i', '-f', '--kill-child', 'bash', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(options),
  })
  options.onStart(keeper)
  keeper.stdin.on('error', () => undefined) // It may be gone when the fleet closes.
  const said = collect(options.name, keeper)
  await options.plugIn(Number((await said('pid ')).slice(4)))
  keeper.stdin.write('go\n')
  await said('started')
  const host = makeHost(options)
  await waitForServices(host)
  return host
}

function environment({ name, kind, address, room, cgroup, diskMiB, binds }: StartOptions): NodeJS.ProcessEnv {
  const lines = binds.map(({ from, to, writable }) => `${writable ? 'rw' : 'ro'} ${from} ${to ?? from}`)
  return {
    PATH: cleanPath,
    LANG: 'C.UTF-8',
    ROOM: room,
    LOWER: layersOf(kind).join(':'),
    HOST: name,
    KIND: kind,
    ADDRESS: address,
    DISK_MIB: String(diskMiB),
    CGROUP: cgroup,
    BINDS: lines.join('\n'),
  }
}

/** Returns a function that waits for a line with a given beginning; it rejects when the host dies first. */
function collect(name: string, keeper: ChildProcess): (beginning: string) => Promise<string> {
  const lines: string[] = []
  const errors: string[] = []
  let check = () => {}
  let dead = false
  keeper.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  if (keeper.stdout) {
    createInterface({ input: keeper.stdout }).on('line', (line) => {
      lines.push(line)
      check()
    })
  }
  keeper.once('error', (error) => errors.push(error.message))
  keeper.once('close', () => {
    dead = true
    check()
  })
  return (beginning) =>
    new Promise((resolve, reject) => {
      check = () => {
        const line = lines.find((one) => one.startsWith(beginning))
        if (line !== undefined) resolve(line)
        else if (dead || lines.includes('ended'))
          reject(new Error(`the host ${name} did not start: ${errors.join('')}`))
      }
      check()
    })
}
