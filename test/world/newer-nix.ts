import { existsSync } from 'node:fs'
import { newerNixFolder } from '../../scripts/setup/newer-nix.mjs'
import type { HostKind } from './accounts'

/** Whether hosts with a newer Nix can be had here: `npm run setup -- --newer-nix` makes what is below them. */
export const hasNewerNix = existsSync(newerNixFolder)

/** Whether a host of the kind stands on the newer Debian instead of this machine. */
export function isNewer(kind: HostKind): boolean {
  return kind.endsWith('-new')
}

/** What is below such a host; throws, saying what to do, where it has not been made. */
export function newerFolder(): string {
  if (!hasNewerNix)
    throw new Error('There is no newer Nix for this host. Get one with: npm run setup -- --newer-nix')
  return newerNixFolder
}
