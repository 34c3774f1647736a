import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The top of this working copy. */
export const projectRoot = resolve(import.meta.dirname, '../..')

/** Where root keeps what the set-up fetched: root's home is closed to others, and a desktop user must run it too. */
export const systemCache = '/var/cache/millwright'

/** Where this user's set-up keeps what it fetched, always outside the working copy. */
export function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'millwright')
  return process.getuid?.() === 0 ? systemCache : join(homedir(), '.cache', 'millwright')
}
