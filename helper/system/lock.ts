import { spawn } from 'node:child_process'
import { Refusal } from '../protocol/refusal'
import { makeDirectory } from './disk'
import { deferred } from './process'
import { canonicalPath, type System } from './system'

/**
 * Runs an action while no other helper changes anything. The kernel's own file lock, held by a child that
 * ends when our end of its pipe closes: so it ends with us, however we end, and never goes stale.
 * Fails with LOCKED after ten seconds.
 */
export async function withLock<T>(system: System, action: () => Promise<T>): Promise<T> {
  makeDirectory(system.runDirectory, 0o755)
  const [program = '', ...args] = [...system.lockCommand, `${system.runDirectory}/lock`, 'cat']
  const keeper = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: canonicalPath },
    cwd: '/',
  })
  const { promise, resolve } = deferred<boolean | 'missing'>()
  keeper.on('error', () => resolve('missing'))
  keeper.on('exit', () => resolve(false))
  keeper.stdin.on('error', () => resolve(false))
  keeper.stdout.once('data', () => resolve(true))
  keeper.stdin.write('locked?\n')
  const isLocked = await promise
  if (isLocked === 'missing')
    throw new Refusal('UNSUPPORTED', 'internal', `There is no ${program} on this computer.`)
  if (!isLocked) throw new Refusal('LOCKED', 'timed-out', 'Another change is being made right now.')
  try {
    return await action()
  } finally {
    keeper.stdin.end()
  }
}
