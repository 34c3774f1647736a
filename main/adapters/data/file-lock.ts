import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fail } from '../../failures'
import { readPlainText } from './read-file'

/** Longer than anybody holds it who is alive; of another computer, whose processes cannot be seen, nothing else tells. */
const staleMs = 120_000
/** From making the file to having written into it. */
const unnamedMs = 5_000
const waitMs = 30_000

/**
 * Works while no other process of Millwright works on the same file: the app and a terminal may read, change and
 * write it at once. Held by `FILE.lock`, which says who; that of a dead process does not count. Fails with
 * DATA_UNWRITABLE after half a minute. Folders made for the lock alone go with it.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  for (const endMs = performance.now() + waitMs; !(await take(lock)); ) {
    if (await isStale(lock)) await steal(lock)
    else if (performance.now() > endMs) fail('DATA_UNWRITABLE', { path }, `Somebody holds ${lock}.`)
    else await setTimeout(3 + Math.random() * 12)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
    if (made !== undefined) await removeEmpty(dirname(path), made)
  }
}

/** Removes a folder and those above it up to `top`, for as long as nothing lies in them. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    for (let at = folder; at.startsWith(top); at = dirname(at)) await rmdir(at)
  } catch (error) {
    // Something lies there by now, or another process took it away.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600)
    await file.writeFile(`${process.pid} ${hostname()}`).finally(() => file.close())
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (codeOf(error) !== 'ENOENT') throw error
    await mkdir(dirname(lock), { recursive: true, mode: 0o700 }) // another process has just taken its own away
    return false
  }
}

async function isStale(lock: string): Promise<boolean> {
  const seen = await Promise.all([readPlainText(lock), stat(lock)]).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined // let go meanwhile
    throw error
  })
  if (!seen) return false
  const [holder, { mtimeMs }] = seen
  const ageMs = Date.now() - mtimeMs
  const [pid = '', host] = holder.split(' ')
  if (holder === '') return ageMs > unnamedMs
  return ageMs > staleMs || (host === hostname() && !isAlive(Number(pid)))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM' // somebody else's, but there
  }
}

/** By a rename, so that of two who find it stale only one takes it away; what turns out to be a new one goes back. */
async function steal(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
    if (!(await isStale(aside))) await link(aside, lock)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
