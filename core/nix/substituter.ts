import type { RegisteredBuilder } from '../../contract/builder'
import { sshAlias } from '../ssh/alias'

/**
 * Behind the public cache (40) and those that say 41, ahead of nobody: Nix then asks a builder only for what no
 * cache has, which is what was built there. An SSH store is asked first by default (0), and each question to it
 * costs every `nix` command a login (store-api.hh, nix-cache-info).
 */
const priority = 50

/**
 * The store that a builder is to others. Nix compares it as plain text with what root trusts (daemon.cc, up to
 * 2.33), so it is the same everywhere.
 */
export function substituterUri(id: string): string {
  return `ssh-ng://${sshAlias(id)}?priority=${priority}`
}

/** Offered, and able to serve: a builder that is off or in quarantine is no substituter either. */
export function isServing(
  builder: Pick<RegisteredBuilder, 'enabled' | 'quarantined' | 'substituter'>,
): boolean {
  return builder.enabled && !builder.quarantined && builder.substituter !== undefined
}

/**
 * The part of root's nix.conf that is about substituters; the daemon reads it only when it starts. `fallback`
 * stays while one is offered at all: without it a substituter that is gone ends every command (up to 2.31 the
 * first, later the last one asked; substitution-goal.cc).
 */
export function renderSubstituters(builders: readonly RegisteredBuilder[]): readonly string[] {
  const offered = builders.flatMap(({ substituter }) => substituter ?? [])
  const serving = builders.filter(isServing)
  const line = (name: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${name} = ${values.join(' ')}`]
  const uris = serving.map(({ id }) => substituterUri(id))
  const keys = serving.flatMap(({ substituter }) => substituter?.publicKey ?? [])
  const forAll = serving
    .filter(({ substituter }) => substituter?.everyone)
    .map(({ id }) => substituterUri(id))
  return [
    ...line('extra-trusted-public-keys', [...new Set(keys)]),
    ...line('extra-trusted-substituters', uris),
    ...line('extra-substituters', forAll),
    ...(offered.length > 0 ? ['fallback = true'] : []),
  ]
}
