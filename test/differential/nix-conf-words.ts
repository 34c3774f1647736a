import type { NixConf } from '../../core/nix/nix-conf'
import { isAtLeast, type NixVersion } from '../../core/nix/nix-version'

/** What Nix says of a line that it cannot read (config.cc; changed in 2.24). */
export function badLineWords({ text, file }: NixConf['problems'][number], version: NixVersion): string {
  const isNewer = version.flavour !== 'lix' && isAtLeast(version, 2, 24)
  return `${isNewer ? 'syntax error in configuration line' : 'illegal configuration line'} '${text}' in '${file}'`
}

/** What it says when `include` names a file that is not there; the path is absolute by then. */
export function missingIncludeWords(path: string, file: string): string {
  return `file '${path}' included from '${file}' not found`
}
