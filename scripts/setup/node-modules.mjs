import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './paths.mjs'
import { run } from './run.mjs'

/** Runs `npm ci` unless every locked package is installed in the locked version. */
export function prepareNodeModules() {
  if (isInstalled()) return
  console.log('setup: installing the packages of package-lock.json')
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: projectRoot })
}

/** Compares npm's own note of what it installed with the lock; packages for other platforms may be absent. */
function isInstalled() {
  const noteFile = join(projectRoot, 'node_modules/.package-lock.json')
  if (!existsSync(noteFile)) return false
  const locked = packagesOf(join(projectRoot, 'package-lock.json'))
  const installed = packagesOf(noteFile)
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      path === '' || optional || installed[path]?.version === version || installed[path]?.link,
  )
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
