import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cleanPath, type Host, type HostFacts, makeHost } from './host'
import { folderBelow } from './newer-nix'
import { inCgroup } from './process'

export interface StartOptions extends Omit<HostFacts, 'pid'> {
  /** The host's folder on the machine, with its files in ROOM/seed. */
  readonly room: string
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
  const { room, cgroup } = options
  mkdirSync(join(room, 'disk'))
  const script = (name: string) => join(import.meta.dirname, `${name}.sh`)
  for (const name of ['systemctl', 'host-boot']) copyFileSync(script(name), join(room, name))
  const unshare = [
    'unshare',
    '-m',
    '-n',
    '-p',
    '-u',
    '-i',
    '-C',
    '-f',
    '--kill-child',
    'bash',
    script('host-init'),
  ]
  if (cgroup) mkdirSync(cgroup, { recursive: true })
  const [file = '', ...args] = cgroup ? [...inCgroup(cgroup), ...unshare] : unshare
  const keeper = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment(options) })
  options.onStart(keeper)
  keeper.stdin.on('error', () => undefined) // It may be gone when the fleet closes.
  const said = collect(options.name, keeper)
  const pid = Number((await said('pid ')).slice(4))
  await options.plugIn(pid)
  keeper.stdin.write('go\n')
  await said('ready')
  return makeHost({ ...options, pid })
}

function environment({ name, kind, address, room, diskMiB, binds }: StartOptions): NodeJS.ProcessEnv {
  const lines = binds.map(({ from, to, writable }) => `${writable ? 'rw' : 'ro'} ${from} ${to ?? from}`)
  const disk = String(diskMiB)
  const host = {
    ROOM: room,
    LOWER: folderBelow(kind),
    HOST: name,
    KIND: kind,
    ADDRESS: address,
    DISK_MIB: disk,
    BINDS: lines.join('\n'),
  }
  return { PATH: cleanPath, LANG: 'C.UTF-8', ...host }
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
        else if (dead) reject(new Error(`the host ${name} did not start: ${errors.join('')}`))
      }
      check()
    })
}
