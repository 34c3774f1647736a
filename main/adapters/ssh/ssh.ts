import { homedir, userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import { type KnownFailure, withFlowFacts } from '../../../core/failures/failure'
import { FailureError, fail } from '../../failures'
import type { Ask, LoginRequest, SshPort } from '../../ports/ssh'
import { isOwnAddress, leadsHere } from '../system/own-address'
import { createHostKeyStore } from './authentication/host-keys'
import { type ResolvedLogin, resolveLogin } from './config/resolve-login'
import { forward } from './connection/forward'
import { logIn } from './connection/login'
import { openSocket } from './connection/open-socket'
import { readHostKey } from './connection/read-host-key'
import { endClient, toRemoteHost } from './connection/remote-host'

export interface SshOptions {
  /** Millwright's own: the only one of the known_hosts files that it writes. */
  readonly knownHostsFile: string
  /** The person's home; their own unless told. */
  readonly homeDir?: string
  readonly userName?: string
  /** `/etc/ssh` unless told. */
  readonly systemDir?: string
  /** Socket of ssh-agent(1); `SSH_AUTH_SOCK` unless told; `undefined` for none. */
  readonly agentSocket?: string | undefined
  readonly connectTimeoutMs?: number
  readonly handshakeTimeoutMs?: number
}

const usualPort = 22

/** SSH by the ssh2 library, with the person's own configuration, keys and known hosts. */
export function createSsh(options: SshOptions): SshPort {
  const homeDir = options.homeDir ?? homedir()
  const systemDir = options.systemDir ?? '/etc/ssh'
  const agentSocket = 'agentSocket' in options ? options.agentSocket : process.env.SSH_AUTH_SOCK
  const { connectTimeoutMs = 10_000, handshakeTimeoutMs = 10_000 } = options
  const hostKeys = createHostKeyStore(options.knownHostsFile)
  const { username, homedir: ownHome } = userInfo()
  const isWhereSshLooks = homeDir === ownHome && systemDir === '/etc/ssh'
  const resolve = (request: LoginRequest) =>
    resolveLogin(request, { homeDir, systemDir, userName: options.userName ?? username, isWhereSshLooks })

  const enterAs =
    (ask: Ask, signal: AbortSignal) =>
    (login: ResolvedLogin, onlyFile: string | undefined, openStream: () => Promise<Duplex>) =>
      logIn({
        login,
        onlyFile,
        homeDir,
        agentSocket: 'identityAgent' in login ? login.identityAgent : agentSocket,
        hostKeys,
        openStream,
        ask,
        timeoutMs: handshakeTimeoutMs,
        signal,
      })
  const direct = ({ host, port, addressFamily }: ResolvedLogin, signal: AbortSignal) =>
    openSocket(host, port, connectTimeoutMs, signal, addressFamily)
  /** To the machine that is to be a builder, which this computer cannot be. */
  const toOther = async (login: ResolvedLogin, signal: AbortSignal) => {
    const isUsualPort = login.port === usualPort
    const socket = await direct(login, signal).catch(async (error: unknown) => {
      if (isUsualPort && (await leadsHere(login.host))) fail('ADDRESS_IS_THIS_COMPUTER', { host: login.host })
      throw error
    })
    const hasOwnAddress = isOwnAddress(socket.remoteAddress)
    if (isUsualPort && hasOwnAddress) {
      socket.destroy()
      fail('ADDRESS_IS_THIS_COMPUTER', { host: login.host })
    }
    return { socket, hasOwnAddress }
  }
  const resolveJump = async (jump: LoginRequest, { host }: LoginRequest) => {
    const jumpLogin = await resolve(jump)
    // The stanza for Nix pins one machine in between; a way that only we could go would prove nothing.
    if (jumpLogin.jump) fail('SSH_CONFIG_UNSUPPORTED', { host, option: 'ProxyJump over several hosts' })
    return jumpLogin
  }

  return {
    open: async (request, ask, signal) => {
      const enter = enterAs(ask, signal)
      const login = await resolve(request)
      return await sayingWhatWasLeftOut(login, async () => {
        if (!login.jump) {
          let isOwn = false
          const session = await enter(login, request.identityFile, async () => {
            const { socket, hasOwnAddress } = await toOther(login, signal)
            isOwn = hasOwnAddress
            return socket
          })
          return { ...(await toRemoteHost(login, session)), hasOwnAddress: isOwn }
        }
        const jumpLogin = await resolveJump(login.jump, request)
        const jump = await enter(jumpLogin, undefined, () => direct(jumpLogin, signal))
        try {
          const through = () => forward(jump.client, jumpLogin, login, connectTimeoutMs, signal)
          const session = await enter(login, request.identityFile, through)
          return await toRemoteHost(login, session, { login: jumpLogin, session: jump })
        } catch (error) {
          await endClient(jump.client)
          throw error
        }
      })
    },
    readHostKey: async (request, ask, signal) => {
      const login = await resolve(request)
      const { host, port } = login
      const place = { host, port, rules: login.knownHosts }
      const read = async (stream: Duplex) => {
        const { offered, key } = await readHostKey(login, { stream, timeoutMs: handshakeTimeoutMs, signal })
        return { host, port, key, remember: () => hostKeys.remember(place, offered) }
      }
      if (!login.jump) return await read(await direct(login, signal))
      const jumpLogin = await resolveJump(login.jump, request)
      const jump = await enterAs(ask, signal)(jumpLogin, undefined, () => direct(jumpLogin, signal))
      try {
        return await read(await forward(jump.client, jumpLogin, login, connectTimeoutMs, signal))
      } finally {
        await endClient(jump.client)
      }
    },
  }
}

/** What of the person's SSH configuration was not followed may be why it went wrong, and so is told with it. */
async function sayingWhatWasLeftOut<T>(login: ResolvedLogin, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const leftOut = error instanceof FailureError ? whatMattersTo(error.failure, login) : []
    if (leftOut.length === 0 || !(error instanceof FailureError)) throw error
    throw new FailureError(withFlowFacts(error.failure, { notFollowed: leftOut.join(', ') }))
  }
}

const algorithmOptions = ['ciphers', 'hostkeyalgorithms', 'kexalgorithms', 'macs']

function whatMattersTo({ code }: KnownFailure, login: ResolvedLogin): readonly string[] {
  const { notFollowed, knownHosts, ignoredOptions } = login
  if (code === 'NO_COMMON_ALGORITHM') {
    return [...notFollowed, ...ignoredOptions.filter((name) => algorithmOptions.includes(name))]
  }
  const isOfHostKey = code === 'HOST_KEY_CHANGED' || code === 'HOST_KEY_REJECTED'
  return isOfHostKey && knownHosts.hasCommand ? [...notFollowed, 'KnownHostsCommand'] : notFollowed
}
