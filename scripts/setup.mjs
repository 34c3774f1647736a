/**
 * Prepares a machine for developing Millwright: `npm run setup`, right after `git clone`, with nothing installed but
 * npm and any Node from 20.19 on. Safe to run again; does nothing when all is there.
 *
 * Options: `--bench` also makes the images of hosts that the benchmarks compare against, `--without-images` makes none.
 * Exit status: 0 ready, 1 a step failed, 2 something is missing that only the person can install.
 */
import { prepareElectron } from './setup/electron.mjs'
import { prepareImages } from './setup/images.mjs'
import { prepareNodeModules } from './setup/node-modules.mjs'
import { preparePackages, worldPackages } from './setup/packages.mjs'

try {
  prepareNodeModules()
  const complete = preparePackages(worldPackages)
  if (complete && !process.argv.includes('--without-images'))
    await prepareImages({ forBench: process.argv.includes('--bench') })
  await prepareElectron()
  process.exitCode = complete ? 0 : 2
} catch (error) {
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}
