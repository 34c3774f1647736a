import { callerUid } from '../system/caller'
import { run } from '../system/process'
import type { System } from '../system/system'

/**
 * Whether the daemon would take the settings of whoever asked for its own: `trusted-users` holds `*`, a name or
 * `@GROUP` (nix.conf(5)).
 */
export async function trustsCaller(system: System, trusted: unknown): Promise<boolean> {
  const uid = String(callerUid() ?? '')
  const entries = new Set(Array.isArray(trusted) ? trusted.map(String) : [])
  if (uid === '0' || entries.has('*')) return true
  const id = async (flags: string) =>
    (await run(system, ['id', flags, '--', uid], { timeoutMs: 5_000 })).stdout.trim().split(' ')
  const [name = ''] = await id('-un')
  if (entries.has(name)) return true
  const groups = await id('-Gn')
  return groups.some((group) => group !== '' && entries.has(`@${group}`))
}
