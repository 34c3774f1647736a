import type { OwnedFile } from '../../contract/helper'
import { parseNixConf } from '../nix/nix-conf'

/** One of the settings that Millwright writes for Nix and ssh, with why, in a line. */
export interface SettingsExplanation {
  /** What it is about, in a word or two. */
  readonly about: string
  readonly setting: string
  readonly value: string
  readonly why: string
}

/** Why each stands there; what is about one builder only is explained with that builder. */
const reasons: Readonly<Record<string, readonly [about: string, why: string]>> = {
  'builders-use-substitutes': [
    'Inputs',
    'A builder fetches from caches what it needs, instead of being sent it from here.',
  ],
  fallback: ['Substitutes', 'A substituter that does not answer costs a wait, and never the build.'],
  'max-jobs': ['Local builds', 'Nothing is built on this computer, for anybody.'],
  ConnectTimeout: [
    'Dead builders',
    'One that drops packets costs a build this many seconds, instead of two minutes.',
  ],
  ServerAliveInterval: [
    'Lost builders',
    'One that vanishes is noticed after three times this many seconds, instead of never.',
  ],
}

/** Reads root's files as the helper shows them, and explains the numbers in them. */
export function explainSettings(files: readonly OwnedFile[]): readonly SettingsExplanation[] {
  const own = (name: string) =>
    files.find(({ path, owns }) => owns === 'whole' && path.endsWith(`/${name}`))?.content ?? ''
  const options = [...own('ssh_config').matchAll(/^ {2}(\w+) (\S+)$/gm)]
  const explained = [
    ...parseNixConf(own('nix.conf'), 'nix.conf').settings,
    ...options.map(([, name, value = '']) => ({ name, value })),
  ]
  return Object.entries(reasons).flatMap(([setting, [about, why]]) => {
    const found = explained.find(({ name }) => name === setting)
    return found ? [{ about, setting, value: found.value, why }] : []
  })
}
