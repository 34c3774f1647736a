import { createHash } from 'node:crypto'
import { fail } from '../../main/failures'
import type { Ask, LoginRequest, RemoteHost, RunOptions, SshPort } from '../../main/ports/ssh'
import type { Calls } from './calls'
import { failWith } from './fail-with'
import type { Account, Machine } from './machine'
import { machineAt, type Network } from './network'
import { runScript } from './remote-scripts'

export interface FakeSsh extends SshPort {
  /** Sessions that nobody has closed yet. */
  readonly openSessions: () => number
}

/** Logs a person in to the machines of a network, with their agent or a password, as OpenSSH would. */
export function createSsh(calls: Calls, network: Network, mayChange: (host: string) => boolean): FakeSsh {
  const known = new Map<string, string>()
  let open = 0

  const verifyHostKey = async ({ host, port, hostKeys }: Machine, ask: Ask): Promise<void> => {
    const [first] = hostKeys
    const key = first?.key ?? ''
    const before = known.get(host)
    if (before === key) return
    if (before !== undefined) failWith('HOST_KEY_CHANGED', { host })
    const keyType = first?.type ?? 'ssh-ed25519'
    const shown = `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').slice(0, 43)}`
    const question = { kind: 'host-key', host, port, keyType, fingerprint: shown } as const
    if ((await ask(question)).kind !== 'yes')
      failWith('HOST_KEY_REJECTED', {
        ...{ host, port: String(port), type: keyType, fingerprint: shown },
        reason: 'declined',
      })
    known.set(host, key)
  }
  const logIn = async (machine: Machine, login: LoginRequest, ask: Ask) => {
    await verifyHostKey(machine, ask)
    const user = login.user ?? 'admin'
    const account = machine.accounts.get(user) ?? fail('LOGIN_REFUSED', { user, host: machine.host })
    if (!account.letsPersonIn) await tryPassword(account, user, machine.host, ask)
    return { user, account }
  }
  const session = (
    machine: Machine,
    user: string,
    account: Account,
    gate: Machine | undefined,
  ): RemoteHost => {
    open++
    let isClosed = false
    const requireOpen = () =>
      isClosed && calls.misuse(`a session to ${machine.name} is used after it was closed`)
    return {
      host: machine.host,
      port: machine.port,
      user,
      authenticatedBy: account.letsPersonIn ? 'key from your SSH agent' : 'password',
      hostKeys: machine.hostKeys,
      ...(gate ? jumpOf(calls, gate, requireOpen) : {}),
      run: async (script, options) => {
        requireOpen()
        const isRoot = options.as === 'root'
        if (isRoot) becomeRoot(account, user, options)
        const asks = /^# run (provision|unprovision|rekey|substituter)$/m.test(script)
        if (asks && !mayChange(machine.host))
          calls.misuse(`${machine.name} is changed without an approved plan`)
        return await runScript(calls, script, { machine, user, isRoot, ...options })
      },
      close: async () => {
        await calls.run('ssh.close', () => undefined)
        if (!isClosed) open--
        isClosed = true
      },
    }
  }
  return {
    openSessions: () => open,
    readHostKey: (login, ask, signal) =>
      calls.run(
        'ssh.readHostKey',
        async () => {
          const machine = machineAt(network, login.host)
          if (machine.behind !== undefined)
            await logIn(machineAt(network, machine.behind), { host: machine.behind }, ask)
          const { host, port } = machine
          const [key] = machine.hostKeys
          if (!key) return calls.misuse(`${machine.name} has no host key`)
          const remember = async () => calls.run('ssh.remember', () => void known.set(host, key.key))
          return { host, port, key, remember }
        },
        signal,
      ),
    open: async (login, ask, signal) => {
      const found = await calls.run(
        'ssh.open',
        async () => {
          const machine = machineAt(network, login.host)
          const gate = machine.behind === undefined ? undefined : machineAt(network, machine.behind)
          if (gate) await logIn(gate, { host: gate.host }, ask)
          return { machine, gate, ...(await logIn(machine, login, ask)) }
        },
        signal,
      )
      return session(found.machine, found.user, found.account, found.gate)
    },
  }
}

/** The gate lets its own user run a script there, in the middle of a session to what lies behind it. */
function jumpOf(
  calls: Calls,
  gate: Machine,
  requireOpen: () => void,
): Pick<RemoteHost, 'jump' | 'runOnJump'> {
  const { host, port, hostKeys } = gate
  return {
    jump: { host, port, user: 'admin', hostKeys: [...hostKeys] },
    runOnJump: async (script, { signal }) => {
      requireOpen()
      return await runScript(calls, script, { machine: gate, user: 'admin', isRoot: false, signal })
    },
  }
}

async function tryPassword({ password }: Account, user: string, host: string, ask: Ask): Promise<void> {
  for (const again of [false, true, true]) {
    const answer = await ask({ kind: 'password', user, host, again })
    if (answer.kind !== 'secret') break
    if (password !== undefined && answer.secret === password) return
  }
  fail('LOGIN_REFUSED', { user, host })
}

function becomeRoot({ sudo, password }: Account, user: string, { sudoPassword }: RunOptions): void {
  if (sudo === 'none') failWith('SUDO_NOT_ALLOWED', { user })
  if (sudo === 'password' && sudoPassword !== password) failWith('SUDO_PASSWORD_WRONG', { user })
}
