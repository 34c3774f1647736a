import type { Client } from 'ssh2'
import type { Jump } from '../../../../contract/builder'
import type { PublicKey } from '../../../../contract/grammar'
import { parsePublicKeyLine } from '../../../../core/ssh/public-key'
import { fail } from '../../../failures'
import type { RemoteHost } from '../../../ports/ssh'
import { toPinnable, whyNotPinnable } from '../authentication/host-keys'
import type { ResolvedLogin } from '../config/resolve-login'
import type { LoggedIn } from './login'
import { runScript } from './run-script'

interface Entered {
  readonly login: ResolvedLogin
  readonly session: LoggedIn
}

const maximumHostKeys = 8
const closeTimeoutMs = 1000
const readKeysTimeoutMs = 3000

/** What the rest of Millwright holds of a login. Fails with HOST_KEY_REJECTED when no key of it can be pinned. */
export async function toRemoteHost(
  login: ResolvedLogin,
  session: LoggedIn,
  through?: Entered,
): Promise<RemoteHost> {
  const { host, port, user } = login
  const { client } = session
  let isOpen = true
  try {
    const hostKeys = await allHostKeys(login, session)
    const jump = through ? await toJump(through) : undefined
    return {
      host,
      port,
      user,
      authenticatedBy: session.authenticatedBy,
      hostKeys,
      ...(jump ? { jump } : {}),
      ...(through
        ? {
            runOnJump: async (script, options) => {
              if (!isOpen) fail('CONNECTION_LOST', { host: through.login.host, user: through.login.user })
              return await runScript(through.session.client, through.login, script, {
                as: 'user',
                ...options,
              })
            },
          }
        : {}),
      ignoredOptions: login.ignoredOptions,
      run: async (script, options) => {
        if (!isOpen) fail('CONNECTION_LOST', { host, user })
        return await runScript(client, { host, user }, script, options)
      },
      close: async () => {
        if (!isOpen) return
        isOpen = false
        await endClient(client)
        if (through) await endClient(through.session.client)
      },
    }
  } catch (error) {
    await endClient(client)
    throw error
  }
}

async function toJump({ login, session }: Entered): Promise<Jump> {
  const { host, port, user } = login
  return { host, port, user, hostKeys: [...(await allHostKeys(login, session))] }
}

/** The key of this session first, then those that the host has proven, or at least tells over the session. */
async function allHostKeys(login: ResolvedLogin, session: LoggedIn): Promise<readonly PublicKey[]> {
  const proven = await session.provenKeys
  const more = proven.length > 0 ? proven : await readKeyFiles(login, session.client)
  const keys = [session.hostKey, ...more].flatMap((key) => toPinnable(key) ?? [])
  const distinct = keys.filter(({ key }, at) => keys.findIndex((one) => one.key === key) === at)
  if (distinct.length > 0) return distinct.slice(0, maximumHostKeys)
  const { type, fingerprint } = session.hostKey
  return fail('HOST_KEY_REJECTED', {
    host: login.host,
    port: String(login.port),
    type,
    fingerprint,
    reason: 'weak',
    ...whyNotPinnable(session.hostKey),
  })
}

/** For servers without OpenSSH's host key rotation. */
async function readKeyFiles(login: ResolvedLogin, client: Client): Promise<readonly PublicKey[]> {
  try {
    const { stdout } = await runScript(client, login, 'cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null', {
      as: 'user',
      timeoutMs: readKeysTimeoutMs,
      signal: new AbortController().signal,
    })
    return stdout.split('\n').flatMap((line) => parsePublicKeyLine(line) ?? [])
  } catch {
    // More keys than the one that was shown are a help, no need.
    return []
  }
}

/** Says goodbye, and waits for the socket to close, but not for long. */
export function endClient(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.destroy()
      resolve()
    }, closeTimeoutMs)
    client.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    client.end()
  })
}
