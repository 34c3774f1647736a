import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { electronLibraries } from './image-list.mjs'
import { runQuietly } from './run.mjs'

/**
 * What runs on this machine itself, by Debian's names: what raises hosts, the programs whose word unit tests compare
 * with, and what the app needs when it is started here. What runs on hosts is in their images (`image-list.mjs`).
 */
export const worldPackages = [
  ...['mmdebstrap', 'debian-archive-keyring', 'util-linux', 'iproute2', 'nftables', 'procps'],
  ...['nix-bin', 'openssh-client', 'shellcheck', 'desktop-file-utils', 'libglib2.0-bin', 'libsecret-1-0'],
  ...['ca-certificates', 'busybox', 'libatomic1'],
  ...electronLibraries, // for `npm run dev`
]

/** Installs the missing ones where that is possible (root on Debian). Returns whether all are there now. */
export function preparePackages(names) {
  const missing = missingPackages(names)
  if (missing.length === 0) return true
  if (process.platform !== 'linux' || process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`setup: the pocket fleet and the desktop tests need root on Debian with these packages:
  apt-get install --no-install-recommends ${missing.join(' ')}
Everything else works without them.`)
    return false
  }
  console.log(`setup: installing ${missing.join(' ')}`)
  withoutStartingServices(() => install(missing))
  return true
}

function missingPackages(names) {
  const format = `\${Package} \${db:Status-Status}\n`
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' })
  const installed = new Set((stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')))
  return names.filter((name) => !installed.has(`${name} installed`))
}

function install(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['-y', '-qq', '-o', 'Dpkg::Use-Pty=0', '--no-install-recommends']
  const attempt = () => {
    runQuietly('apt-get', ['update', '-qq'], { env })
    runQuietly('apt-get', ['install', ...options, ...names], { env })
  }
  try {
    attempt()
  } catch (error) {
    console.error(`setup: ${error.message}; trying once more`)
    attempt()
  }
}

const policy = '/usr/sbin/policy-rc.d'
const policyAside = `${policy}.before-millwright`

/** Debian starts a service when its package is installed unless policy-rc.d says 101 (invoke-rc.d(8)). */
function withoutStartingServices(action) {
  if (existsSync(policy) && !existsSync(policyAside)) renameSync(policy, policyAside)
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    action()
  } finally {
    rmSync(policy)
    if (existsSync(policyAside)) renameSync(policyAside, policy)
  }
}
