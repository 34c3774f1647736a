import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer, Question } from '../../../../contract/job'
import { createSsh } from '../../../../main/adapters/ssh/ssh'
import { toFailure } from '../../../../main/failures'
import type { LoginRequest, RemoteHost } from '../../../../main/ports/ssh'
import { aKeyPair } from '../../../fixtures/key-pair'
import { hostKey, publicText, startRawServer, startSshServer } from './ssh-server'

let home: string
const hosts: RemoteHost[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh-home-'))
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
})

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
  rmSync(home, { recursive: true, force: true })
})

function makeSsh() {
  return createSsh({
    knownHostsFile: join(home, 'own', 'known_hosts'),
    homeDir: home,
    systemDir: home,
    userName: 'dev',
    agentSocket: undefined,
    connectTimeoutMs: 500,
    handshakeTimeoutMs: 500,
  })
}

async function logIn(
  request: Partial<LoginRequest> & { readonly port: number },
  answer: (question: Question) => Answer | Promise<Answer>,
  signal = new AbortController().signal,
) {
  const asked: Question['kind'][] = []
  const ask = async (question: Question) => {
    asked.push(question.kind)
    return await answer(question)
  }
  try {
    const host = await makeSsh().open({ host: '127.0.0.1', user: 'anna', ...request }, ask, signal)
    hosts.push(host)
    return { host, asked }
  } catch (error) {
    return { failure: toFailure(error), asked }
  }
}

const trusting =
  (...secrets: string[]) =>
  (question: Question): Answer => {
    if (question.kind === 'host-key') return { kind: 'yes' }
    const secret = secrets.shift()
    return secret === undefined ? { kind: 'no' } : { kind: 'secret', secret }
  }
const takes = (password: string) => (context: { method: string; password?: string }) =>
  context.method === 'password' && context.password === password

describe('the host key', () => {
  it('is settled before anything secret is sent', async () => {
    await using server = await startSshServer({ accepts: takes('secret') })
    await using other = await startSshServer({ accepts: takes('secret') })
    let attemptsAtQuestion: number | undefined
    const { host } = await logIn({ port: server.port }, async (question) => {
      if (question.kind === 'password') return { kind: 'secret', secret: 'secret' }
      // Whatever was on its way has arrived once a whole login elsewhere is through.
      await logIn({ port: other.port }, trusting('secret'))
      expect(other.attempts).toEqual(['none', 'password secret'])
      attemptsAtQuestion = server.attempts.length
      return { kind: 'yes' }
    })
    expect(attemptsAtQuestion).toBe(0)
    expect(server.attempts).toEqual(['none', 'password secret'])
    expect(host?.hostKeys).toEqual([{ type: 'ssh-ed25519', key: publicText(hostKey).split(' ')[1] }])
  })

  it('that changed ends the login without a question or an attempt', async () => {
    await using server = await startSshServer({ accepts: () => true })
    const other = aKeyPair()
    writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicText(other)}\n`)
    const { failure, asked } = await logIn({ port: server.port }, trusting('secret'))
    expect(failure?.code).toBe('HOST_KEY_CHANGED')
    expect(asked).toEqual([])
    expect(server.attempts).toEqual([])
    await vi.waitUntil(() => server.open() === 0)
  })

  it('of another type than the known one counts as changed', async () => {
    const ecdsa = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    await using server = await startSshServer({ hostKeys: [ecdsa.private], accepts: () => true })
    writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicText(hostKey)}\n`)
    expect((await logIn({ port: server.port }, trusting())).failure?.code).toBe('HOST_KEY_CHANGED')
  })

  it('of the type that is known is the one asked for', async () => {
    const ecdsa = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    await using server = await startSshServer({
      hostKeys: [hostKey.private, ecdsa.private],
      accepts: takes('secret'),
    })
    writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicText(ecdsa)}\n`)
    const { host, asked } = await logIn({ port: server.port }, trusting('secret'))
    expect(asked).toEqual(['password'])
    expect(host?.hostKeys[0]?.type).toBe('ecdsa-sha2-nistp256')
  })

  it('that was revoked is refused', async () => {
    await using server = await startSshServer({ accepts: () => true })
    const name = `[127.0.0.1]:${server.port}`
    const lines = `@revoked * ${publicText(hostKey)}\n${name} ${publicText(hostKey)}\n`
    writeFileSync(join(home, '.ssh', 'known_hosts'), lines)
    expect((await logIn({ port: server.port }, trusting())).failure?.code).toBe('HOST_KEY_REJECTED')
  })

  it('is read without a login, also where another one is known', async () => {
    await using server = await startSshServer({ accepts: () => true })
    const other = ssh2.utils.generateKeyPairSync('ed25519')
    writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicText(other)}\n`)
    const ask = async (): Promise<Answer> => ({ kind: 'no' })
    const login = { host: '127.0.0.1', port: server.port }
    const seen = await makeSsh().readHostKey(login, ask, new AbortController().signal)
    expect(seen).toMatchObject({
      ...login,
      key: { type: 'ssh-ed25519', key: publicText(hostKey).split(' ')[1] },
    })
    expect(server.attempts).toEqual([])
    await vi.waitUntil(() => server.open() === 0)
  })

  it('that is remembered takes the place of an older one, and of no other host’s', async () => {
    await using server = await startSshServer({ accepts: takes('secret') })
    const own = join(home, 'own', 'known_hosts')
    const name = `[127.0.0.1]:${server.port}`
    const old = publicText(ssh2.utils.generateKeyPairSync('ed25519'))
    mkdirSync(join(home, 'own'))
    writeFileSync(own, `${name} ${old}\notto ${old}\n`)
    const ask = async (): Promise<Answer> => ({ kind: 'no' })
    const login = { host: '127.0.0.1', port: server.port }
    await (await makeSsh().readHostKey(login, ask, new AbortController().signal)).remember()
    expect(readFileSync(own, 'utf8')).toBe(`otto ${old}\n${name} ${publicText(hostKey)}\n`)
    expect((await logIn({ port: server.port }, trusting('secret'))).asked).toEqual(['password'])
  })

  it('of a machine that says nothing is not waited for without end', async () => {
    await using server = await startRawServer(() => undefined)
    const ask = async (): Promise<Answer> => ({ kind: 'no' })
    const read = makeSsh().readHostKey(
      { host: '127.0.0.1', port: server.port },
      ask,
      new AbortController().signal,
    )
    expect((await read.catch(toFailure)) as object).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('too weak to be pinned is refused', async () => {
    const weak = ssh2.utils.generateKeyPairSync('rsa', { bits: 1024 })
    await using server = await startSshServer({ hostKeys: [weak.private], accepts: takes('secret') })
    const { failure } = await logIn({ port: server.port }, trusting('secret'))
    expect(failure).toMatchObject({
      code: 'HOST_KEY_REJECTED',
      facts: { reason: 'weak', why: expect.stringContaining('RSA key of 1024 bits') },
    })
  })
})

describe('logging in', () => {
  it('goes on after a long question, though the server has hung up meanwhile', async () => {
    const connections: { end: () => unknown }[] = []
    await using server = await startSshServer({
      accepts: takes('secret'),
      onConnection: (connection) => connections.push(connection),
    })
    const hangUp = async () => {
      connections.at(-1)?.end()
      await vi.waitUntil(() => server.open() === 0)
    }
    const { host, asked } = await logIn({ port: server.port }, async (question) => {
      await hangUp()
      return trusting('secret')(question)
    })
    expect(asked).toEqual(['host-key', 'password'])
    expect(host?.authenticatedBy).toBe('password')
  })

  it('asks every prompt of keyboard-interactive, with its text cleaned', async () => {
    await using server = await startSshServer({
      authenticate: (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        const prompts = [
          { prompt: '\u001b[31mToken\u202e: ', echo: true },
          { prompt: 'PIN: ', echo: false },
        ]
        context.prompt(prompts, (answers) =>
          answers.join() === '123,456' ? context.accept() : context.reject(),
        )
      },
    })
    let shown: Question | undefined
    const { host } = await logIn({ port: server.port }, (question) => {
      if (question.kind === 'host-key') return { kind: 'yes' }
      shown = question
      return { kind: 'secrets', secrets: ['123', '456'] }
    })
    expect(shown).toMatchObject({
      prompts: [
        { text: 'Token:', echo: true },
        { text: 'PIN:', echo: false },
      ],
    })
    expect(host?.authenticatedBy).toBe('keyboard-interactive')
  })

  it('does not go on answering a server that goes on asking', async () => {
    let rounds = 0
    await using server = await startSshServer({
      authenticate: (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        const askOn = () => {
          rounds++
          context.prompt([{ prompt: 'Code: ', echo: true }], askOn)
        }
        askOn()
      },
    })
    const { failure } = await logIn({ port: server.port }, (question) =>
      question.kind === 'host-key' ? { kind: 'yes' } : { kind: 'secrets', secrets: ['1'] },
    )
    expect(failure?.code).toBe('LOGIN_REFUSED')
    expect(rounds).toBeLessThan(12)
    await vi.waitUntil(() => server.open() === 0)
  })

  it('needs both where the server wants a key and a password', async () => {
    const pair = aKeyPair()
    writeFileSync(join(home, '.ssh', 'id_ed25519'), pair.private, { mode: 0o600 })
    let hasKey = false
    await using server = await startSshServer({
      authenticate: (context) => {
        if (hasKey && context.method === 'password') return context.accept()
        if (hasKey || context.method !== 'publickey')
          return context.reject([hasKey ? 'password' : 'publickey'])
        if (!context.signature) return context.accept()
        hasKey = true
        return context.reject(['password'], true)
      },
    })
    const { host } = await logIn({ port: server.port }, trusting('secret'))
    expect(host?.authenticatedBy).toBe('~/.ssh/id_ed25519, then password')
  })

  it('is not begun anew with a server that hangs up before anything was tried', async () => {
    let connections = 0
    await using server = await startSshServer({
      onConnection: () => connections++,
      authenticate: () => {
        void server[Symbol.asyncDispose]()
      },
    })
    const { failure } = await logIn({ port: server.port }, trusting('secret'))
    expect(failure?.code).toBe('CONNECTION_LOST')
    expect(connections).toBe(1)
  })

  it('says which ways were tried, and which the server would take', async () => {
    const pair = aKeyPair()
    writeFileSync(join(home, '.ssh', 'id_ed25519'), pair.private, { mode: 0o600 })
    await using server = await startSshServer({ methods: ['publickey'], accepts: () => false })
    const { failure, asked } = await logIn({ port: server.port }, trusting('secret'))
    expect(failure).toMatchObject({
      code: 'LOGIN_REFUSED',
      facts: { user: 'anna', tried: '~/.ssh/id_ed25519', offered: 'publickey' },
    })
    expect(asked).toEqual(['host-key'])
    await vi.waitUntil(() => server.open() === 0)
  })

  it('hands on why a question was not answered', async () => {
    await using server = await startSshServer({ accepts: () => true })
    const { failure } = await logIn({ port: server.port }, () =>
      Promise.reject(new DOMException('', 'AbortError')),
    )
    expect(failure?.code).toBe('CANCELLED')
    await vi.waitUntil(() => server.open() === 0)
  })

  it('refuses a root password that holds a second line', async () => {
    await using server = await startSshServer({
      accepts: takes('secret'),
      onExec: (command, stream) => {
        stream.stderr.write(/-p (\S+)/.exec(command)?.[1] ?? '')
        stream.on('data', (data: Buffer) => server.attempts.push(`stdin ${data}`))
        stream.on('end', () => {
          stream.exit(1)
          stream.end()
        })
      },
    })
    const { host } = await logIn({ port: server.port }, trusting('secret'))
    const failure = await host
      ?.run('true', {
        as: 'root',
        rootWay: 'sudo-password',
        sudoPassword: 'secret\nrm -rf /',
        timeoutMs: 5000,
        signal: new AbortController().signal,
      })
      .catch(toFailure)
    expect(failure).toMatchObject({ code: 'SUDO_PASSWORD_WRONG' })
    expect(server.attempts.filter((attempt) => attempt.startsWith('stdin'))).toEqual([])
  })
})

describe('a server that is not what it should be', () => {
  const never = () => Promise.reject(new Error('nothing is to be asked'))

  it.each([
    ['answers in HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno\r\n'],
    ['talks without end', `${'x'.repeat(4000)}\r\n`.repeat(100)],
    ['sends one endless line', 'y'.repeat(500_000)],
  ])('that %s is not SSH', async (_, text) => {
    await using server = await startRawServer((socket) => {
      socket.end(text)
    })
    expect((await logIn({ port: server.port }, never)).failure?.code).toBe('NOT_SSH')
    await vi.waitUntil(() => server.open() === 0)
  })

  it('that says nothing is given up on', async () => {
    await using server = await startRawServer(() => {})
    expect((await logIn({ port: server.port }, never)).failure?.code).toBe('TIMED_OUT')
    await vi.waitUntil(() => server.open() === 0)
  })

  it('that stalls after its greeting is given up on', async () => {
    await using server = await startRawServer((socket) => socket.write('SSH-2.0-stalled\r\n'))
    expect((await logIn({ port: server.port }, never)).failure?.code).toBe('TIMED_OUT')
    await vi.waitUntil(() => server.open() === 0)
  })

  it('that hangs up at once lost the connection', async () => {
    await using server = await startRawServer((socket) => socket.end())
    expect((await logIn({ port: server.port }, never)).failure?.code).toBe('CONNECTION_LOST')
  })

  it('that is not there refuses', async () => {
    const { port, ...server } = await startRawServer(() => {})
    await server[Symbol.asyncDispose]()
    expect((await logIn({ port }, never)).failure?.code).toBe('CONNECTION_REFUSED')
  })

  it('whose name nobody knows is not found', async () => {
    const { failure } = await logIn({ host: 'no-such-host.invalid', port: 22 }, never)
    expect(failure?.code).toBe('NAME_NOT_FOUND')
  })

  it('that swallows packets is unreachable', async () => {
    // The discard prefix (RFC 6666): no host has it.
    expect((await logIn({ host: '100::1', port: 22 }, never)).failure?.code).toBe('UNREACHABLE')
  })

  it('is left at once when the person cancels', async () => {
    await using server = await startRawServer(() => {})
    const abort = new AbortController()
    const login = logIn({ port: server.port }, never, abort.signal)
    await vi.waitUntil(() => server.open() === 1)
    abort.abort()
    expect((await login).failure?.code).toBe('CANCELLED')
    await vi.waitUntil(() => server.open() === 0)
  })
})

it('keeps its own known_hosts to its owner', async () => {
  await using server = await startSshServer({ accepts: takes('secret') })
  await logIn({ port: server.port }, trusting('secret'))
  const text = readFileSync(join(home, 'own', 'known_hosts'), 'utf8')
  expect(text).toBe(`[127.0.0.1]:${server.port} ${publicText(hostKey)}\n`)
})
