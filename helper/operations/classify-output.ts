import type { HelperReason } from '../../contract/helper'

/** What Nix and ssh print → what it means; the first that fits. Fragments as in their sources. */
const meanings: readonly (readonly [RegExp, HelperReason])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|No \S+ host key is known/,
    'host-key-changed',
  ],
  [/Unable to negotiate with .*no matching host key type/, 'host-key-changed'],
  [/Permission denied \(|Too many authentication failures/, 'login-refused'],
  [/protocol mismatch/, 'protocol-mismatch'],
  [
    /not privileged to build|lacks a (valid )?signature|is not allowed to connect to the Nix daemon/,
    'not-trusted',
  ],
  [
    /Could not resolve hostname|timed out|No route to host|Connection refused|Network is unreachable/,
    'unreachable',
  ],
  [/kex_exchange_identification|Connection (reset|closed) by|Host is down/, 'unreachable'],
  // The connection was there and broke; or it never was, which the rows above name where ssh has said so.
  [/daemon disconnected unexpectedly|unexpected end-of-file/, 'ping-failed'],
  [
    /is required to build|platform mismatch|missing system features|[Uu]nable to start any build/,
    'build-refused',
  ],
]

/** Why a builder could not be reached, or did not build, by what was said on stderr. */
export function classifyOutput(stderr: string, otherwise: HelperReason): HelperReason {
  return meanings.find(([pattern]) => pattern.test(stderr))?.[1] ?? otherwise
}
