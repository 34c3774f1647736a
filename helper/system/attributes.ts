import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'
import { platform } from './find-installation'
import { canonicalPath } from './system'

const timeoutMs = 10_000

/**
 * Makes a file with the owner, the mode, the access control list and the extended attributes of another (acl(5), xattr(7)),
 * by cp(1), as Node knows nothing of them. False where this cp cannot: then there is no new file. Fails with
 * NEEDS_ATTENTION, unsafe-path, where they cannot be kept.
 */
export function copyAttributes(from: string, to: string): boolean {
  const isMac = platform === 'darwin'
  const how = isMac ? ['-p'] : ['--attributes-only', '--preserve=mode,ownership,xattr']
  const { status, stderr, error } = spawnSync('cp', [...how, '--', from, to], {
    ...{ cwd: '/', env: { PATH: canonicalPath, LC_ALL: 'C' }, timeout: timeoutMs },
    ...{ stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  })
  if (error) throw error
  if (status === 0) return true
  // The cp of busybox, or one that was built without; or the other file has just been taken away.
  if (/unrecognized option|invalid option|built without/.test(stderr) || !existsSync(from)) return false
  const detail = `The attributes of ${from} cannot be kept: ${stderr.trim().slice(0, 500)}`
  throw new Refusal('NEEDS_ATTENTION', 'unsafe-path', detail)
}
