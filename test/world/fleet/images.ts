import { existsSync } from 'node:fs'
import { type ImageName, imageFolder, imageLayers } from '../../../scripts/setup/image-list.mjs'
import type { HostKind } from './accounts'

/** Whether hosts of an image can be had here: `npm run setup` makes them, as root on Linux. */
export const hasImage = (name: ImageName) => existsSync(imageFolder(name))

/** Whether there are hosts with bubblewrap and PRoot. */
export const hasChroot = hasImage('chroot')
/** Whether there are hosts with Nix 2.26 and OpenSSH 10.0. */
export const hasNewerNix = hasImage('trixie')
/** Whether there are hosts with Nix 2.34 and OpenSSH 10.6. */
export const hasLatestNix = hasImage('forky')

const special: Readonly<Partial<Record<HostKind, ImageName>>> = {
  client: 'desktop',
  sysv: 'sysv',
  busybox: 'busybox',
  chroot: 'chroot',
  'client-ansible': 'ansible',
  'builder-python': 'python',
}

const forBench: ReadonlySet<ImageName> = new Set(['ansible', 'python'])

/** What a host of the kind stands on, the uppermost first; throws, saying what to do, where it has not been made. */
export function layersOf(kind: HostKind): readonly string[] {
  const release = kind.endsWith('-new') ? 'trixie' : kind.endsWith('-latest') ? 'forky' : 'bookworm'
  const image = special[kind] ?? release
  if (!hasImage(image))
    throw new Error(
      `There is no image ${image} for a host. Make it with: ${forBench.has(image) ? 'npm run setup -- --bench' : 'npm run setup'}`,
    )
  return imageLayers(image)
}
