import { type ListedBuild, parseNixPs } from '../../../core/builds/nix-ps'
import { runProgram } from '../system/run-program'

const timeoutMs = 5_000
/** A Nix that has no such list is asked again when it may have been exchanged. */
const askAgainMs = 10 * 60_000

export interface NixPsFeed {
  /** What is built here; undefined where this Nix keeps no list. */
  read(): Promise<readonly ListedBuild[] | undefined>
}

/** Asks Determinate Nix for its list of builds (`nix ps`, 3.14). */
export function createNixPsFeed(
  findNix: () => string | undefined,
  clock = () => performance.now(),
): NixPsFeed {
  let notBeforeMs = Number.NEGATIVE_INFINITY
  return {
    read: async () => {
      const nix = clock() < notBeforeMs ? undefined : findNix()
      if (!nix) return undefined
      const argv = [nix, '--extra-experimental-features', 'nix-command', 'ps', '--json']
      const { status, stdout } = await runProgram(argv, { timeoutMs })
      const builds = status === 0 ? parseNixPs(stdout) : undefined
      if (!builds) notBeforeMs = clock() + askAgainMs
      return builds
    },
  }
}
