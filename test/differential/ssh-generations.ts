import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuilderSpec } from '../../contract/builder'
import { optionsLacking, renderOptionProbe } from '../../core/ssh/pinned-options'
import { renderSshConfig, type SshConfigPaths } from '../../core/ssh/ssh-config'
import { imageFolder } from '../../scripts/setup/image-list.mjs'
import { hasImage } from '../world/fleet/images'
import { hasProgram, run, temporaryFolder } from './programs'

/** An OpenSSH client: the one on PATH, or one of an image, run where it lies by its own loader. */
interface Generation {
  readonly name: string
  readonly argv: readonly string[]
}

/** Every generation of OpenSSH that can be had here, the installed one first. */
export const generations: readonly Generation[] = [
  ...(hasProgram('ssh') ? [{ name: 'the installed one', argv: ['ssh'] }] : []),
  ...(['bookworm', 'trixie', 'forky'] as const).filter(hasImage).map((name) => {
    const root = join(imageFolder(name), 'root')
    return { name: `that of Debian ${name}`, argv: byOwnLoader(root) }
  }),
]

function byOwnLoader(root: string): readonly string[] {
  const folders = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  const [library = ''] = folders.map((name) => join(root, 'usr/lib', name))
  const [loader = ''] = readdirSync(library).filter((name) => name.startsWith('ld-linux'))
  return [join(library, loader), '--library-path', library, join(root, 'usr/bin/ssh')]
}

/** What a ssh reads of a file for a host, option by option, or what it says that it cannot. */
export function readBy([program = '', ...args]: readonly string[], file: string, host: string) {
  return run(program, [...args, '-T', '-G', '-F', file, host])
}

/** Our file as the helper writes it for that ssh. */
export function configFor(
  argv: readonly string[],
  builders: readonly BuilderSpec[],
  paths: SshConfigPaths,
): string {
  const probe = join(temporaryFolder(), 'probe')
  writeFileSync(probe, renderOptionProbe())
  return renderSshConfig(builders, paths, new Set(optionsLacking(readBy(argv, probe, 'x').stderr)))
}
