import type { Duplex } from 'node:stream'
import type { Client, ServerHostKeyAlgorithm } from 'ssh2'
import { rsaBits } from '../../../../core/ssh/public-key'
import { fail } from '../../../failures'
import type { Ask } from '../../../ports/ssh'
import { createAuthentication } from '../authentication/authentication'
import { keyVouchedFor } from '../authentication/host-certificate'
import { type HostKeyStore, type KnownKeys, type OfferedKey, toOfferedKey } from '../authentication/host-keys'
import { findIdentities } from '../authentication/identities'
import { createPrompter, type Prompter } from '../authentication/prompter'
import type { ResolvedLogin } from '../config/resolve-login'
import { readHostCertificate } from './read-host-certificate'
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
  const place = { host, port, rules: login.knownHosts }
  const known = await hostKeys.read(place)
  const identities = await findIdentities(
    login,
    options.onlyFile,
    options.homeDir,
    options.agentSocket,
    prompter.ask,
  )
  const authentication = createAuthentication(login, identities, prompter.ask, (error) => stop(error))
  const hostKey = createHostKeyCheck(login, known, await askForCertificate(options, known), prompter)
  const isFirst = ([type]: readonly [string, unknown]) => hostKey.typesFirst.includes(type)
  const algorithms = [...algorithmsOf.filter(isFirst), ...algorithmsOf.filter((one) => !isFirst(one))]
  const allowance = createAllowance()
  for (let connections = 0; connections < maximumConnections; connections++) {
    const stream = await options.openStream()
    const session = await openSession(stream, {
      host,
      port,
      user,
      algorithms: algorithms.flatMap(([, names]) => names),
      settleHostKey: (offered) => hostKey.settle(offered, addressOf(stream)),
      authentication,
      prompter,
      onStop: (stopSession) => {
        stop = stopSession
      },
      timeoutMs,
      allowance,
      signal,
    })
    const offered = hostKey.offered()
    if (!session || !offered) continue
    if (hostKey.accepted()) await hostKeys.remember(place, offered)
    return { ...session, hostKey: offered, authenticatedBy: authentication.authenticatedBy() }
  }
  return fail('CONNECTION_LOST', { host, port: String(port) })
}

/** The key that a certificate vouches for, where known_hosts names somebody whose certificates count for this host. */
async function askForCertificate(
  { login, openStream, timeoutMs, signal }: LoginOptions,
  { authorities }: KnownKeys,
): Promise<OfferedKey | undefined> {
  if (authorities.length === 0) return undefined
  const certificate = await readHostCertificate(await openStream(), timeoutMs, signal)
  const name = login.knownHosts.alias ?? login.host
  const key = certificate && keyVouchedFor(certificate, name, authorities, Date.now() / 1000)
  return key ? toOfferedKey(Buffer.from(key, 'base64')) : undefined
}

function addressOf(stream: Duplex): string | undefined {
  const address: unknown = Reflect.get(stream, 'remoteAddress')
  return typeof address === 'string' ? address : undefined
}

/** Judges the key of each connection of a login, and asks the person where nothing is known of it. */
function createHostKeyCheck(
  { host, port, knownHosts: rules }: ResolvedLogin,
  known: KnownKeys,
  vouchedFor: OfferedKey | undefined,
  prompter: Prompter,
) {
  let accepted: OfferedKey | undefined
  let last: OfferedKey | undefined
  return {
    /** Asked for first, as ssh does. */
    typesFirst: vouchedFor ? [vouchedFor.type] : known.types,
    offered: () => last,
    accepted: () => accepted !== undefined,
    settle: async (offered: OfferedKey, address: string | undefined): Promise<void> => {
      last = offered
      const { type, fingerprint } = offered
      const facts = { host, port: String(port), type, fingerprint }
      const verdict = known.verify(offered)
      if (verdict.is === 'revoked') fail('HOST_KEY_REJECTED', { ...facts, reason: 'revoked' })
      const bits = rsaBits(offered)
      if (bits !== undefined && bits < rules.leastRsaBits) {
        fail('HOST_KEY_REJECTED', { ...facts, reason: 'too-short', why: shortKey(bits, rules.leastRsaBits) })
      }
      if (vouchedFor?.key === offered.key) return
      if (verdict.is === 'changed') fail('HOST_KEY_CHANGED', { ...facts, known: verdict.knownFingerprint })
      const byAddress = rules.checksAddress && address !== undefined && known.verifyAddress(address, offered)
      if (byAddress && byAddress.is === 'changed') {
        fail('HOST_KEY_CHANGED', { ...facts, known: byAddress.knownFingerprint })
      }
      if (verdict.is === 'known' || accepted?.key === offered.key) return
      if (accepted) fail('HOST_KEY_CHANGED', { ...facts, known: accepted.fingerprint })
      if (rules.isStrict) fail('HOST_KEY_REJECTED', { ...facts, reason: 'strict' })
      const answer = await prompter.ask({ kind: 'host-key', host, port, keyType: type, fingerprint })
      if (answer.kind !== 'yes') fail('HOST_KEY_REJECTED', { ...facts, reason: 'declined' })
      accepted = offered
    },
  }
}

function shortKey(bits: number, least: number): string {
  return `It is an RSA key of ${bits} bits, and your SSH configuration says RequiredRSASize ${least}`
}
