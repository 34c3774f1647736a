import type { RemoteFacts } from '../../contract/remote'

/** Whether one of Nix's lists of users names somebody: by name, by group, or everybody (daemon.cc, authPeer). */
export function names(list: readonly string[], user: string, groups: readonly string[]): boolean {
  return list.some((name) => name === '*' || name === user || groups.some((group) => name === `@${group}`))
}

/** Whether the Nix daemon there already takes builds from whoever is logged in. */
export function isServedAlready(
  { user, groups }: Pick<RemoteFacts, 'user' | 'groups'>,
  { trustedUsers, socketGroup }: NonNullable<RemoteFacts['nix']>,
): boolean {
  const isLetIn = socketGroup === undefined || groups.includes(socketGroup)
  return isLetIn && names(trustedUsers, user, groups)
}
