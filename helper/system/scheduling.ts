import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { platform } from './find-installation'
import { canonicalPath } from './system'

const timeoutMs = 5000

/**
 * Gives root’s work the share of the processor that any program has, whatever its caller had: at nice 19 beside a busy
 * computer it would hold the lock for as long as they like, and what it restarts would stay like that.
 */
export function resetScheduling(): void {
  try {
    setPriority(0)
    if (platform === 'linux' && policyOf('self') !== '0') {
      const options = { cwd: '/', env: { PATH: canonicalPath }, timeout: timeoutMs, stdio: 'ignore' } as const
      spawnSync('chrt', ['--all-tasks', '--other', '--pid', '0', String(process.pid)], options)
    }
  } catch {
    // A container may forbid it; then it is no quicker than it was called.
  }
}

/** Its scheduling policy (proc(5), field 41 of stat); 0 is the usual one. */
function policyOf(pid: string): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]
}
