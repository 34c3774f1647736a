/**
 * Prepares a machine for developing Millwright: `npm run setup`, right after `git clone`, with nothing installed but
 * npm and any Node from 20.19 on. Safe to run again; does nothing when all is there.
 *
 * Options: `--bench` also installs what the benchmarks compare against, `--newer-nix` makes what hosts with another
 * Nix stand on.
 * Exit status: 0 ready, 1 a step failed, 2 something is missing that only the person can install.
 */
import { prepareElectron } from './setup/electron.mjs'
import { prepareNewerNix } from './setup/newer-nix.mjs'
import { prepareNodeModules } from './setup/node-modules.mjs'
import { benchPackages, preparePackages, worldPackages } from './setup/packages.mjs'

const wanted = process.argv.includes('--bench') ? [...worldPackages, ...benchPackages] : worldPackages

try {
  prepareNodeModules()
  const complete = preparePackages(wanted)
  if (complete && process.argv.includes('--newer-nix')) prepareNewerNix()
  await prepareElectron()
  process.exitCode = complete ? 0 : 2
} catch (error) {
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
