/** What ssh2 1.x says of a key exchange that came to nothing (lib/protocol/kex.js), and only that. */
const hostKeyType = /^Handshake failed: no matching host key format$/
const algorithm =
  /^Handshake failed: no matching (?:key exchange algorithm|(?:C->S|S->C) (?:cipher|MAC|compression))$/

/** That both speak SSH and agree on nothing, which is neither another host key nor another protocol. Undefined: something else. */
export function readMismatch(message: string): 'HOST_KEY_TYPE_REFUSED' | 'NO_COMMON_ALGORITHM' | undefined {
  if (hostKeyType.test(message)) return 'HOST_KEY_TYPE_REFUSED'
  return algorithm.test(message) ? 'NO_COMMON_ALGORITHM' : undefined
}
