import type { BuilderSpec } from '../../contract/builder'
import type { PublicKey } from '../../contract/grammar'
import { parsePublicKeyLine } from '../ssh/public-key'
import { decodeBase64 } from '../text/base64'
import type { Machine } from './machines'

/** Where a machine of a machines file leads, as far as it is known. */
export interface Destination {
  /** As written, and as ssh resolves it; and every address of these. */
  readonly names: readonly string[]
  readonly hostKeys: readonly PublicKey[]
  /** Where it is known; behind one address there may be a machine at each. */
  readonly port?: number
}

/** The host of an SSH store, without login, port and parameters; undefined for stores of another kind. */
export function hostOf(uri: string): string | undefined {
  const authority = /^ssh(?:-ng)?:\/\/([^/?]+)/.exec(uri)?.[1]?.replace(/^.*@/, '')
  const bracketed = /^\[(.*)\]/.exec(authority ?? '')?.[1]
  return bracketed ?? authority?.replace(/:\d+$/, '')
}

/** The port of an SSH store, where it names one. */
export function portOf(uri: string): number | undefined {
  const port = /^ssh(?:-ng)?:\/\/[^/?]*?(?:[^:/?\]]|\]):(\d{1,5})(?:[/?]|$)/.exec(uri)?.[1]
  return port === undefined ? undefined : Number(port)
}

/** The host key that a line pins: column 8 is Base64 of a whole `.pub` line. */
export function pinnedKey({ publicHostKey }: Machine): PublicKey | undefined {
  const bytes = decodeBase64(publicHostKey ?? '')
  const key = bytes && parsePublicKeyLine(String.fromCharCode(...bytes.subarray(0, 4096)))
  return key ? { type: key.type, key: key.key } : undefined
}

/**
 * Whether both are one machine: a machine is its host keys. Where a line pins none, its name or address has to do, since
 * Nix would go to the same place by it.
 */
export function isSameMachine(
  { names, hostKeys, port }: Destination,
  builder: Pick<BuilderSpec, 'hostKeys'> & { readonly port?: number },
  builderNames: readonly string[],
): boolean {
  const hasKey = (key: PublicKey) =>
    builder.hostKeys.some((one) => one.type === key.type && one.key === key.key)
  if (hostKeys.some(hasKey)) return true
  if (port !== undefined && builder.port !== undefined && port !== builder.port) return false
  const isOther = hostKeys.some((key) => builder.hostKeys.some(({ type }) => type === key.type))
  const known = new Set(builderNames.map((name) => name.toLowerCase()))
  return !isOther && names.some((name) => known.has(name.toLowerCase()))
}
