import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, projectRoot, systemCache } from './setup/paths.mjs'

/** The version of the stand-in for machines that cannot reach Electron's download host. */
export const fallbackVersion = '25.1.1'

/**
 * The Electron that this machine runs Millwright with; throws, saying what to do, where `npm run setup` has not
 * been. `distPath` starts an unpacked app (`distPath/electron APP`), `cleanDistPath` is what a package is made of.
 * With `fallback` it is an old Electron with known holes, for development and tests only, never to be shipped.
 *
 * @returns {{distPath: string, cleanDistPath: string, version: string, fallback: boolean}}
 */
export function electronRuntime() {
  const runtime = findRuntime()
  if (!runtime) throw new Error('There is no Electron to run yet. Get one with: npm run setup')
  return runtime
}

/** As `electronRuntime`, but undefined where there is none. */
export function findRuntime() {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (chosen) return same(chosen, readVersion(chosen), readVersion(chosen) === fallbackVersion)
  const real = join(projectRoot, 'node_modules/electron/dist')
  if (readVersion(real) === wantedVersion()) return same(real, wantedVersion(), false)
  const folder = [cacheFolder(), systemCache].map(fallbackFolder).find((path) => existsSync(path))
  if (!folder) return undefined
  const paths = { distPath: join(folder, 'development'), cleanDistPath: join(folder, 'clean') }
  return { ...paths, version: fallbackVersion, fallback: true }
}

/** The version that package-lock.json pins. */
export function wantedVersion() {
  return JSON.parse(readFileSync(join(projectRoot, 'node_modules/electron/package.json'), 'utf8')).version
}

export function fallbackFolder(cache) {
  return join(cache, `electron-${fallbackVersion}`)
}

function same(distPath, version, fallback) {
  return { distPath, cleanDistPath: distPath, version, fallback }
}

function readVersion(distPath) {
  const file = join(distPath, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : undefined
}
