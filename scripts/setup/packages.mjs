import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { runQuietly } from './run.mjs'

/** What the pocket fleet, the desktop tests and the demo stand on, by Debian's names. */
export const worldPackages = [
  ...['nix-bin', 'openssh-server', 'openssh-client', 'sudo', 'iproute2', 'nftables', 'util-linux', 'procps'],
  ...['ca-certificates', 'strace', 'shellcheck', 'mmdebstrap', 'libfaketime'],
  ...['dbus', 'dbus-x11', 'polkitd', 'pkexec', 'gnome-keyring', 'libsecret-1-0', 'libsecret-tools'],
  ...[
    'xvfb',
    'xauth',
    'x11-utils',
    'xdotool',
    'imagemagick',
    'fonts-inter',
    'fonts-jetbrains-mono',
    'lxqt-panel',
    'desktop-file-utils',
    'libglib2.0-bin',
  ],
  ...['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libatk-bridge2.0-0', 'libnotify4'],
]

/** What `npm run bench` measures Millwright against. */
export const benchPackages = ['ansible-core', 'sshpass']

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
