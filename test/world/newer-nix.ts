import { existsSync } from 'node:fs'
import { newerNixFolders } from '../../scripts/setup/newer-nix.mjs'
import type { HostKind } from './accounts'

/** Whether hosts with a newer Nix can be had here: `npm run setup -- --newer-nix` makes what is below them. */
export const hasNewerNix = existsSync(newerNixFolders.trixie)
/** The same for the latest. */
export const hasLatestNix = existsSync(newerNixFolders.forky)

/** What is below a host of the kind; throws, saying what to do, where it has not been made. */
export function folderBelow(kind: HostKind): string {
  const suite = kind.endsWith('-new') ? 'trixie' : kind.endsWith('-latest') ? 'forky' : undefined
  if (!suite) return '/'
  if (!existsSync(newerNixFolders[suite]))
    throw new Error('There is no newer Nix for this host. Get one with: npm run setup -- --newer-nix')
  return newerNixFolders[suite]
}
