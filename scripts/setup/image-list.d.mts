export type ImageName =
  | 'bookworm'
  | 'trixie'
  | 'forky'
  | 'desktop'
  | 'sysv'
  | 'busybox'
  | 'chroot'
  | 'ansible'
  | 'python'
export function imageFolder(name: ImageName): string
export function imageLayers(name: ImageName): string[]
