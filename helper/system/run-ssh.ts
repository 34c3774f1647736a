import { Refusal } from '../protocol/refusal'
import { withoutGuard } from './guard'
import { type RunResult, run } from './process'
import type { System } from './system'

/** Runs one of OpenSSH's programs, which asks nobody whether a builder answers. Fails with UNSUPPORTED, no-ssh, where it is not there. */
export async function runSsh(
  system: System,
  command: readonly ['ssh' | 'ssh-keygen', ...string[]],
  timeoutMs: number,
): Promise<RunResult> {
  const ran = await run(system, command, { timeoutMs, env: withoutGuard })
  if (!ran.missing) return ran
  throw new Refusal('UNSUPPORTED', 'no-ssh', `There is no ${command[0]} where root looks for programs.`)
}
