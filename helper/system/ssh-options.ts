import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { optionsLacking, renderOptionProbe } from '../../core/ssh/pinned-options'
import { canonicalPath, type System } from './system'

const known = new Map<string, ReadonlySet<string>>()

/**
 * The options of ours, in lower case, that a ssh of this computer does not know. Each of them is asked: the daemon's
 * may be Nix's own, and a person's as root the system's. Asked once in the life of a process.
 */
export function lackingSshOptions({ searchPath }: Pick<System, 'searchPath'>): ReadonlySet<string> {
  const found = known.get(searchPath) ?? new Set(programs(searchPath).flatMap(lackingIn))
  known.set(searchPath, found)
  return found
}

function programs(searchPath: string): readonly string[] {
  const found = searchPath
    .split(':')
    .map((folder) => `${folder}/ssh`)
    .filter((path) => existsSync(path))
  return [...new Set(found.map((path) => realpathSync(path)))]
}

/** Through a pipe of the shell's, as Node gives a child a socket, which nobody can open by /dev/stdin. */
function lackingIn(program: string): readonly string[] {
  const ask = 'printf %s "$2" | "$1" -T -G -F /dev/stdin x'
  const { stderr } = spawnSync('/bin/sh', ['-c', ask, 'sh', program, renderOptionProbe()], {
    env: { PATH: canonicalPath, LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: 5000,
  })
  return optionsLacking(stderr ?? '')
}
