/** The three families of Nix in use; each counts its own numbers, Lix from 2.90 on. */
export type NixFlavour = 'nix' | 'lix' | 'determinate'

export interface NixVersion {
  readonly flavour: NixFlavour
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** As printed, such as `2.36pre20260822_1a2b3c`. For Determinate: the Nix it is made from. */
  readonly text: string
  /** Determinate's own number, such as `3.22.2`. */
  readonly determinate?: string
}

const banner = /^[a-z][a-z-]* \(([^()]{1,80})\) (\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?([A-Za-z0-9._+-]{0,80})$/

/** Reads what `nix --version` prints (shared.cc of each flavour); undefined when it is something else. */
export function parseNixVersion(line: string): NixVersion | undefined {
  const match = banner.exec(line.trim())
  if (!match) return undefined
  const [, label = '', major = '', minor = '', patch, rest = ''] = match
  const determinate = /^Determinate Nix (\S+)$/.exec(label)?.[1]
  const flavour = determinate ? 'determinate' : label.startsWith('Lix') ? 'lix' : 'nix'
  return {
    flavour,
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
    text: `${major}.${minor}${patch === undefined ? '' : `.${patch}`}${rest}`,
    ...(determinate === undefined ? {} : { determinate }),
  }
}

/** Orders by number alone: a pre-release counts as its release, because its source already behaves so. */
export function compareNixVersions(a: NixVersion, b: NixVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** Whether a version has reached `major.minor.patch`. */
export function isAtLeast(version: NixVersion, major: number, minor: number, patch = 0): boolean {
  return compareNixVersions(version, { flavour: 'nix', major, minor, patch, text: '' }) >= 0
}

/** Whether this is a Nix old enough that remote building as we set it up is not to be had (before 2.3). */
export function isTooOld(version: NixVersion): boolean {
  return !isAtLeast(version, 2, 3)
}

/** Whether `;` is split after comments are cut and pieces are trimmed (machines.cc: 2.24.15 and from 2.28.2). */
export function splitsLikeNew(version: NixVersion): boolean {
  if (version.flavour === 'lix') return false
  if (version.major === 2 && version.minor === 24) return version.patch >= 15
  return isAtLeast(version, 2, 28, 2)
}

/** Whether the speed factor may be a fraction (machines.cc from 2.20, every Lix). */
export function speedFactorFractions(version: NixVersion): boolean {
  return isAtLeast(version, 2, 20)
}
