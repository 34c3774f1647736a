import type { Duplex } from 'node:stream'
import { fail } from '../../../failures'
import { createAuthentication } from '../authentication/authentication'
import { type OfferedKey, toPinnable, whyNotPinnable } from '../authentication/host-keys'
import { createPrompter } from '../authentication/prompter'
import type { ResolvedLogin } from '../config/resolve-login'
import { algorithmsOf } from './login'
import { createAllowance, openSession } from './session'

interface Options {
  readonly stream: Duplex
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Ends the session once the key is seen, before anything else is said. */
const enough = new Error('The host key is all that was wanted.')

/** Goes through the key exchange as far as the host key (RFC 4253 §8), of the best type that the host has, and ends it. */
export async function readHostKey(login: ResolvedLogin, { stream, ...limits }: Options) {
  const { host, port, user } = login
  const prompter = createPrompter(async () => ({ kind: 'no' }))
  let seen: OfferedKey | undefined
  const session = openSession(stream, {
    host,
    port,
    user,
    algorithms: algorithmsOf.flatMap(([, names]) => names),
    settleHostKey: async (offered) => {
      seen = offered
      throw enough
    },
    authentication: createAuthentication(login, [], prompter.ask, () => undefined),
    prompter,
    onStop: () => undefined,
    allowance: createAllowance(),
    ...limits,
  })
  await session.catch((error: unknown) => {
    if (error !== enough) throw error
  })
  if (!seen) return fail('CONNECTION_LOST', { host, port: String(port) })
  const key = toPinnable(seen)
  const { type, fingerprint } = seen
  return key
    ? { offered: seen, key }
    : fail('HOST_KEY_REJECTED', {
        host,
        port: String(port),
        type,
        fingerprint,
        reason: 'weak',
        ...whyNotPinnable(seen),
      })
}
