import type { RegisteredBuilder } from '../../contract/builder'
import { type Attempt, type Explanation, whyNixFailed } from '../../core/causes/why-nix-failed'
import { jumpAlias, sshAlias } from '../../core/ssh/alias'

/** Why a builder could not be reached, or did not build, by what was said on stderr of it alone. */
export function classifyOutput(
  stderr: string,
  of: Attempt['of'],
  { id, host, port, user, jump }: Pick<RegisteredBuilder, 'id' | 'host' | 'port' | 'user' | 'jump'>,
): Explanation {
  const through = jump && { host: jump.host, port: String(jump.port), user: jump.user, alias: jumpAlias(id) }
  return whyNixFailed(stderr, {
    of,
    target: { host, port: String(port), user, alias: sshAlias(id) },
    ...(through ? { jump: through } : {}),
  })
}
