import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { newerNixFolder } from '../../scripts/setup/newer-nix.mjs'
import type { HostKind } from './accounts'
import type { Bind } from './start-host'

/** Whether hosts with a newer Nix can be had here: `npm run setup` makes what is below them. */
export const hasNewerNix = existsSync(newerNixFolder)

/** Whether a host of the kind stands on the newer Debian instead of this machine. */
export function isNewer(kind: HostKind): boolean {
  return kind.endsWith('-new')
}

/** What is below such a host; throws, saying what to do, where it has not been made. */
export function newerFolder(): string {
  if (!hasNewerNix) throw new Error('There is no newer Nix for this host. Get one with: npm run setup')
  return newerNixFolder
}

/** What other hosts see of this machine because it is below them: the Node that runs this, and the working copy. */
export function newerBinds(): readonly Bind[] {
  const project = resolve(import.meta.dirname, '../..')
  const modules = realpathSync(join(project, 'node_modules'))
  const paths = dirname(modules) === project ? [project] : [project, modules]
  return [process.execPath, ...paths].map((from) => ({ from }))
}
