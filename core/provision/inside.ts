import type { RemoteFacts, WayIn } from '../../contract/remote'
import { cleanText } from '../text/clean-text'

/** What was seen from within: Nix, the room of its store, and what builds there may open. */
type Inside = Pick<RemoteFacts, 'nix' | 'storeFreeBytes' | 'kvm'>

/** The ways that are still to be tried for a Nix that nobody sees without one. */
export function waysToTry({ nix, waysIn = [] }: RemoteFacts): readonly WayIn[] {
  return nix ? [] : waysIn
}

/** A machine of which no way led to Nix, with what was said on the last of them. */
export function withWayInSaid(
  facts: RemoteFacts,
  { stderr, stdout }: Record<'stderr' | 'stdout', string>,
): RemoteFacts {
  const said = cleanText(stderr || stdout, 1000).trim()
  return said === '' ? facts : { ...facts, wayInSaid: said }
}

/** A machine as it is for whoever goes in by a way; undefined where that leads to no Nix. The store is the login's own. */
export function withInside(facts: RemoteFacts, way: WayIn, inside: Inside): RemoteFacts | undefined {
  const { nix, storeFreeBytes, kvm } = inside
  const { storeWithoutNix: _, ...rest } = facts
  if (!nix) return undefined
  return {
    ...rest,
    nix: { ...nix, kind: 'single-user', storeOwner: facts.user },
    storeFreeBytes,
    kvm,
    wayIn: way,
  }
}
