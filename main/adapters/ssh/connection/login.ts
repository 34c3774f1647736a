import type { Duplex } from 'node:stream'
import type { Client, ServerHostKeyAlgorithm } from 'ssh2'
import { fail } from '../../../failures'
import type { Ask } from '../../../ports/ssh'
import { createAuthentication } from '../authentication/authentication'
import type { HostKeyStore, OfferedKey } from '../authentication/host-keys'
import { findIdentities } from '../authentication/identities'
import { createPrompter } from '../authentication/prompter'
import type { ResolvedLogin } from '../config/resolve-login'
import { createAllowance, openSession } from './session'

export interface LoginOptions {
  readonly login: ResolvedLogin
  /** Offer this key file and no other. */
  readonly onlyFile: string | undefined
  readonly homeDir: string
  readonly agentSocket: string | undefined
  readonly hostKeys: HostKeyStore
  /** A fresh stream to the host, as often as it takes. */
  readonly openStream: () => Promise<Duplex>
  readonly ask: Ask
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface LoggedIn {
  readonly client: Client
  /** The key that this session was verified with. */
  readonly hostKey: OfferedKey
  /** More keys that the host has proven to own. */
  readonly provenKeys: Promise<readonly OfferedKey[]>
  readonly authenticatedBy: string
}

const maximumConnections = 6

/** What ssh2 is to ask for, for each type that known_hosts may hold; SHA-1 signatures are not among them. */
export const algorithmsOf: readonly (readonly [string, readonly ServerHostKeyAlgorithm[]])[] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]

/**
 * Logs in to one host, with as many connections as that takes. The host key is settled first: HOST_KEY_CHANGED
 * and HOST_KEY_REJECTED end it. A key the person accepted is remembered once the host has let them in.
 */
export async function logIn(options: LoginOptions): Promise<LoggedIn> {
  const { login, hostKeys, ask, signal, timeoutMs } = options
  const { host, port, user } = login
  const prompter = createPrompter(ask)
  let stop: (error: unknown) => void = () => {}
  const identities = await findIdentities(
    login,
    options.onlyFile,
    options.homeDir,
    options.agentSocket,
    prompter.ask,
  )
  const authentication = createAuthentication({ user, host, port }, identities, prompter.ask, (error) =>
    stop(error),
  )
  let accepted: OfferedKey | undefined
  let hostKey: OfferedKey | undefined

  const settleHostKey = async (offered: OfferedKey) => {
    hostKey = offered
    const facts = { host, port: String(port), type: offered.type, fingerprint: offered.fingerprint }
    const verdict = hostKeys.verifyHostKey(host, port, offered)
    if (verdict.is === 'revoked') fail('HOST_KEY_REJECTED', { ...facts, reason: 'revoked' })
    if (verdict.is === 'changed') fail('HOST_KEY_CHANGED', { ...facts, known: verdict.knownFingerprint })
    if (verdict.is === 'known' || accepted?.key === offered.key) return
    if (accepted) fail('HOST_KEY_CHANGED', { ...facts, known: accepted.fingerprint })
    const answer = await prompter.ask({
      kind: 'host-key',
      host,
      port,
      keyType: offered.type,
      fingerprint: offered.fingerprint,
    })
    if (answer.kind !== 'yes') fail('HOST_KEY_REJECTED', { ...facts, reason: 'declined' })
    accepted = offered
  }

  const known = hostKeys.knownTypes(host, port)
  const isKnown = ([type]: readonly [string, unknown]) => known.includes(type)
  const algorithms = [...algorithmsOf.filter(isKnown), ...algorithmsOf.filter((one) => !isKnown(one))]
  const allowance = createAllowance()
  for (let connections = 0; connections < maximumConnections; connections++) {
    const session = await openSession(await options.openStream(), {
      host,
      port,
      user,
      algorithms: algorithms.flatMap(([, names]) => names),
      settleHostKey,
      authentication,
      prompter,
      onStop: (stopSession) => {
        stop = stopSession
      },
      timeoutMs,
      allowance,
      signal,
    })
    if (!session || !hostKey) continue
    if (accepted) await hostKeys.remember(host, port, accepted)
    return { ...session, hostKey, authenticatedBy: authentication.authenticatedBy() }
  }
  return fail('CONNECTION_LOST', { host, port: String(port) })
}
