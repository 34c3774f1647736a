import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCache } from './paths.mjs'

/** What each host has besides the smallest Debian. */
const base = [
  ...['systemd-sysv', 'dbus', 'libpam-systemd', 'polkitd', 'pkexec', 'sudo', 'nix-bin', 'nix-setup-systemd'],
  ...['openssh-server', 'openssh-client', 'iproute2', 'nftables', 'procps', 'strace', 'libfaketime'],
  ...['ca-certificates', 'libsecret-1-0', 'libatomic1'], // the last for the pinned Node
]

/** What Electron loads, wherever it runs. */
export const electronLibraries = [
  ...['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libatk-bridge2.0-0', 'libnotify4'],
]

/** A desktop, Electron's libraries, and what tests touch and see it with. */
const desktop = [
  ...['dbus-user-session', 'dbus-x11', 'gnome-keyring', 'libsecret-tools', 'lxqt-panel', 'libglib2.0-bin'],
  ...['xvfb', 'xauth', 'x11-utils', 'xdotool', 'imagemagick', 'fonts-inter', 'fonts-jetbrains-mono'],
  ...electronLibraries,
]

/** The images: a release of Debian, or more packages on top of another image. */
export const imagePlans = {
  bookworm: { suite: 'bookworm', packages: base },
  trixie: { suite: 'trixie', packages: base },
  forky: { suite: 'forky', packages: base },
  desktop: { on: 'bookworm', packages: desktop },
  sysv: { on: 'bookworm', packages: ['sysvinit-core'] },
  busybox: { on: 'bookworm', packages: ['busybox', 'opendoas'] },
  chroot: { on: 'bookworm', packages: ['bubblewrap', 'proot'] },
  // What `npm run bench` measures Millwright beside: Ansible on one side, what it needs on the other.
  ansible: { on: 'desktop', packages: ['ansible-core', 'sshpass'] },
  python: { on: 'bookworm', packages: ['python3'] },
}

/** The scripts that make them: a change of one makes the images anew. */
export const scripts = {
  release: join(import.meta.dirname, 'make-release.sh'),
  layer: join(import.meta.dirname, 'make-layer.sh'),
}

/** Where an image is once it is made; the name tells what it holds. */
export function imageFolder(name) {
  return join(systemCache, `image-${name}-${editionOf(name)}`)
}

/** The folders that make up an image, the uppermost first, as overlayfs wants its lower ones. */
export function imageLayers(name) {
  const { on } = imagePlans[name]
  return [join(imageFolder(name), 'root'), ...(on ? imageLayers(on) : [])]
}

function editionOf(name) {
  const { on, ...plan } = imagePlans[name]
  const below = on ? editionOf(on) : ''
  const script = readFileSync(on ? scripts.layer : scripts.release, 'utf8')
  return createHash('sha256')
    .update(JSON.stringify([plan, below, script]))
    .digest('hex')
    .slice(0, 12)
}
