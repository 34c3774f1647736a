import { spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'
import { makeDirectory, naming } from './disk'
import { deferred, killGroup } from './process'
import type { System } from './system'

/** How long the kernel may take to free a lock when we have let go of it. */
const releaseMs = 1000

/** The kernel’s own file lock, held by a child that ends when our end of its pipe closes. */
export interface Lock {
  readonly release: () => Promise<void>
}

/** Whoever takes the lock, and how long they may hold it. */
export interface Holder {
  readonly system: System
  readonly hold: {
    readonly limitMs: number
    /** Has to end this process: what an action does after its time would be done unlocked, or with no end. */
    readonly onOverdue: () => void
  }
}

/**
 * Runs an action while no other helper changes anything. It ends with us, however we end, and never goes stale.
 * Fails with LOCKED where another holds it for ten seconds.
 */
export async function withLock<T>({ system, hold }: Holder, action: () => Promise<T>): Promise<T> {
  const lock = await takeLock(system, 'lock', system.lockCommand)
  if (!lock) throw new Refusal('LOCKED', 'timed-out', 'Another change is being made right now.')
  const watchdog = setTimeout(hold.onOverdue, hold.limitMs)
  try {
    return await action()
  } finally {
    clearTimeout(watchdog)
    await lock.release()
  }
}

/**
 * Takes the lock of this name by a program that holds one on a file while the command after it runs. Undefined where
 * another has it. Fails with UNSUPPORTED where there is no such program, and with what it says where it fails itself.
 */
export async function takeLock(
  system: System,
  name: string,
  command: readonly string[],
): Promise<Lock | undefined> {
  const path = `${system.runDirectory}/${name}`
  makeDirectory(system.runDirectory, 0o755)
  makeLockFile(path)
  const [program = '', ...args] = [...command, path, 'cat']
  const keeper = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: system.searchPath },
    cwd: '/',
    detached: true, // what a terminal sends to its group must not part us from it
  })
  const { promise, resolve, reject } = deferred<'taken' | Ended>()
  let said = ''
  keeper.on('error', reject)
  keeper.on('close', (status) => resolve({ status, said }))
  // One that has ended without the lock may be gone before it is written to; how it ended says why. Where no more files
  // can be opened, a child comes without its pipes, and an error.
  const onError = (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error))
  keeper.stdin?.on('error', onError).write('locked?\n')
  keeper.stdout?.once('data', () => resolve('taken'))
  keeper.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(0, 1000)
  })
  const outcome = await promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new Refusal('UNSUPPORTED', 'internal', `There is no ${program} on this computer.`)
  })
  if (outcome !== 'taken') return notTaken(program, outcome)
  return {
    release: async () => {
      const { promise: gone, resolve: leave } = deferred<void>()
      const timer = setTimeout(() => {
        killGroup(keeper.pid)
        leave()
      }, releaseMs)
      keeper.on('close', () => leave())
      keeper.stdin.end()
      await gone
      clearTimeout(timer)
    },
  }
}

interface Ended {
  readonly status: number | null
  readonly said: string
}

/** flock(1) ends with 1 where another has it, and says nothing; lockf(1) with EX_TEMPFAIL of sysexits(3). */
function notTaken(program: string, { status, said }: Ended): undefined {
  const isHeld = (status === 1 && said === '') || status === 75
  if (isHeld) return undefined
  throw new Refusal('NEEDS_ATTENTION', 'internal', `${program} ended with ${status}: ${said.trim()}`)
}

/** Here rather than by the program, as its exit status does not tell a full disk from another’s lock. */
function makeLockFile(path: string): void {
  const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants
  naming(path, () => closeSync(openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)))
}
