import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The program of Nix. An app started from a desktop does not have the PATH of a login shell: the usual places follow it. */
export function findNix(path = process.env.PATH ?? '', homeDir = homedir()): string | undefined {
  const places = [
    ...path.split(delimiter),
    '/nix/var/nix/profiles/default/bin',
    '/run/current-system/sw/bin',
    join(homeDir, '.nix-profile/bin'),
    join(homeDir, '.local/state/nix/profiles/profile/bin'),
  ]
  return places.map((place) => join(place, 'nix')).find((file) => existsSync(file))
}
