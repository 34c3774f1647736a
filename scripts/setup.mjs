/**
 * Prepares a machine for developing Millwright: `npm run setup` (or `node scripts/setup.mjs` right after
 * `git clone`, with nothing installed but Node and npm). Safe to run again; does nothing when all is there.
 *
 * Options: `--bench` also installs what the benchmarks compare against.
 * Exit status: 0 ready, 1 a step failed, 2 something is missing that only the person can install.
 */
import { prepareElectron } from './setup/electron.mjs'
import { prepareImages } from './setup/images.mjs'
import { prepareNodeModules } from './setup/node-modules.mjs'
import { benchPackages, preparePackages, worldPackages } from './setup/packages.mjs'

const wanted = process.argv.includes('--bench') ? [...worldPackages, ...benchPackages] : worldPackages

try {
  prepareNodeModules()
  const complete = preparePackages(wanted)
  if (complete) await prepareImages()
  await prepareElectron()
  process.exitCode = complete ? 0 : 2
} catch (error) {
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
