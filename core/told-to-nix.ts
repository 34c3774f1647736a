import type { OwnedFile } from '../contract/helper'
import { parseNixConf } from './nix-conf'

/** One of the settings that Millwright writes for Nix and ssh, with why, in a line. */
export interface Told {
  readonly setting: string
  readonly value: string
  readonly why: string
}

/** Why each stands there; what is about one builder only is explained with that builder. */
const reasons: Readonly<Record<string, string>> = {
  'builders-use-substitutes':
    'A builder fetches from caches what it needs, instead of being sent it from here.',
  fallback: 'A substituter that does not answer costs a wait, and never the build.',
  'max-jobs': 'Nothing is built on this computer, for anybody.',
  ConnectTimeout: 'A builder that drops packets costs a build this many seconds, not two minutes.',
  ServerAliveInterval:
    'A builder that vanishes is noticed after three of these, in seconds, instead of never.',
}

/** Reads root's files as the helper shows them, and explains the numbers in them. */
export function toldToNix(files: readonly OwnedFile[]): readonly Told[] {
  const own = (name: string) =>
    files.find(({ path, owns }) => owns === 'whole' && path.endsWith(`/${name}`))?.content ?? ''
  const options = [...own('ssh_config').matchAll(/^ {2}(\w+) (\S+)$/gm)]
  const told = [
    ...parseNixConf(own('nix.conf'), 'nix.conf').settings,
    ...options.map(([, name, value = '']) => ({ name, value })),
  ]
  return Object.entries(reasons).flatMap(([setting, why]) => {
    const found = told.find(({ name }) => name === setting)
    return found ? [{ setting, value: found.value, why }] : []
  })
}
