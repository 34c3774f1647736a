import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, Question } from '../../../contract/job'
import { createSsh } from '../../../main/adapters/ssh/ssh'
import { toFailure } from '../../../main/failures'
import type { LoginRequest, RemoteHost, RunOptions } from '../../../main/ports/ssh'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Forward } from '../fleet/forward'
import type { Host } from '../fleet/host'
import { must, run, until } from '../fleet/process'

const isRoot = process.getuid?.() === 0
const interactivePort = 2222
const doublePort = 2223

describe.skipIf(!isRoot)('logging in to real hosts (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<'anna' | 'ben' | 'hole'>
  let anna: Forward
  let interactive: Forward
  let double: Forward
  let home: string
  let opened: RemoteHost[] = []
  let programs: ChildProcess[] = []

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { anna: 'builder', ben: 'bare', hole: 'blackhole' } })
    anna = await fleet.forward('anna', 22)
    interactive = await startSshd(
      interactivePort,
      'KbdInteractiveAuthentication=yes',
      'PasswordAuthentication=no',
    )
    double = await startSshd(doublePort, 'AuthenticationMethods=publickey,password')
  })

  afterAll(() => fleet?.close())

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ssh-home-'))
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    mkdirSync(join(home, 'etc'))
  })

  afterEach(async () => {
    await Promise.all(opened.map((host) => host.close()))
    opened = []
    for (const program of programs) program.kill()
    programs = []
    rmSync(home, { recursive: true, force: true })
  })

  /** Another sshd on anna, with settings of its own. */
  async function startSshd(port: number, ...settings: string[]): Promise<Forward> {
    const host = fleet.host('anna')
    const options = settings.flatMap((setting) => ['-o', setting])
    await host.start(`sshd-${port}`, ['/usr/sbin/sshd', '-D', '-p', String(port), ...options])
    await until('the other sshd listens', async () => {
      const probe = `exec 3<>/dev/tcp/127.0.0.1/${port} && head -c 4 <&3 | grep -q SSH-`
      return (await host.exec(['bash', '-c', probe])).code === 0
    })
    return fleet.forward('anna', port)
  }

  const put = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text, { mode: 0o600 })
  const ownKnownHosts = () => join(home, 'millwright', 'known_hosts')

  /** Logs in and notes what was asked; what has no answer here is declined. */
  async function logIn(
    request: LoginRequest,
    answers: Partial<Record<Question['kind'], string | readonly string[] | 'yes'>> = { 'host-key': 'yes' },
    { agentSocket = undefined as string | undefined, signal = new AbortController().signal } = {},
  ) {
    const asked: Question[] = []
    const ssh = createSsh({
      knownHostsFile: ownKnownHosts(),
      homeDir: home,
      systemDir: join(home, 'etc'),
      userName: 'dev',
      agentSocket,
      connectTimeoutMs: 3000,
    })
    const ask = async (question: Question): Promise<Answer> => {
      asked.push(question)
      const given = answers[question.kind]
      if (given === undefined) return { kind: 'no' }
      if (given === 'yes') return { kind: 'yes' }
      if (question.kind === 'keyboard-interactive') return { kind: 'secrets', secrets: [given].flat() }
      const times = asked.filter(({ kind }) => kind === question.kind).length
      return { kind: 'secret', secret: [given].flat()[times - 1] ?? '' }
    }
    try {
      const host = await ssh.open(request, ask, signal)
      opened.push(host)
      return { host, asked, failure: undefined }
    } catch (error) {
      return { host: undefined, asked, failure: toFailure(error) }
    }
  }

  async function enter(...parameters: Parameters<typeof logIn>) {
    const { host, asked, failure } = await logIn(...parameters)
    if (!host) throw new Error(`not logged in: ${JSON.stringify(failure)}`)
    return { host, kinds: asked.map(({ kind }) => kind) }
  }

  const annaAs = (user: string): LoginRequest => ({ user, host: anna.host, port: anna.port })
  const passwordOf = (user: string) => fleet.credentials.passwords[user] ?? ''
  const withPassword = (user: string) => ({ 'host-key': 'yes', password: passwordOf(user) }) as const
  const signal = new AbortController().signal
  const asUser: RunOptions = { as: 'user', timeoutMs: 20_000, signal }
  const asRoot = (rootWay: NonNullable<RunOptions['rootWay']>, sudoPassword?: string): RunOptions => ({
    ...asUser,
    as: 'root',
    rootWay,
    ...(sudoPassword === undefined ? {} : { sudoPassword }),
  })

  async function startAgent(): Promise<string> {
    const socket = join(home, 'agent')
    programs.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }))
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    await until('the agent answers', async () => (await run(['ssh-add', '-l'], { env })).code === 1)
    return socket
  }

  async function addToAgent(socket: string, privateKey: string) {
    await must(['ssh-add', '-q', '-'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, input: privateKey })
  }

  it('logs in with a key file and runs a script as that user', async () => {
    put('id_ed25519', fleet.credentials.key.privateKey)
    const { host, kinds } = await enter(annaAs('plain'))
    expect(kinds).toEqual(['host-key'])
    expect(host.authenticatedBy).toBe('~/.ssh/id_ed25519')
    const lines: string[] = []
    const result = await host.run('id -un\nhostname\necho oops >&2\nexit 3\n', {
      ...asUser,
      onLine: (line) => lines.push(line),
    })
    expect(result).toEqual({ code: 3, stdout: 'plain\nanna\n', stderr: 'oops\n' })
    expect(lines).toEqual(['plain', 'anna'])
  })

  it('logs in with a key of the agent, though many others are in it', async () => {
    const socket = await startAgent()
    for (let other = 0; other < 8; other++) {
      const path = join(home, `other-${other}`)
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path])
      await addToAgent(socket, readFileSync(path, 'utf8'))
    }
    await addToAgent(socket, fleet.credentials.key.privateKey)
    const { host } = await enter(annaAs('plain'), undefined, { agentSocket: socket })
    expect(host.authenticatedBy).toBe('key from your SSH agent')
  })

  it('asks for the passphrase of a key that the host would take, again when it was wrong', async () => {
    put('id_ed25519', fleet.credentials.encryptedKey.privateKey)
    const answers = { 'host-key': 'yes', passphrase: ['wrong', fleet.credentials.passphrase] } as const
    const { host, kinds } = await enter(annaAs('plain'), answers)
    expect(kinds).toEqual(['host-key', 'passphrase', 'passphrase'])
    expect((await host.run('id -un', asUser)).stdout).toBe('plain\n')
  })

  it('asks for no passphrase of a key that the host would not take, and again for a wrong password', async () => {
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'secret', '-f', join(home, '.ssh', 'id_ed25519')])
    const answers = { 'host-key': 'yes', password: ['wrong', passwordOf('plain')] } as const
    const { host, kinds } = await enter(annaAs('plain'), answers)
    expect(kinds).toEqual(['host-key', 'password', 'password'])
    expect(host.authenticatedBy).toBe('password')
  })

  it('gives up on a key after three wrong passphrases', async () => {
    put('id_ed25519', fleet.credentials.encryptedKey.privateKey)
    const { failure } = await logIn(annaAs('plain'), { 'host-key': 'yes', passphrase: ['a', 'b', 'c'] })
    expect(failure?.code).toBe('PASSPHRASE_WRONG')
  })

  it('asks for a password three times at most, and does not remember a host that let nobody in', async () => {
    const { failure, asked } = await logIn(annaAs('plain'), {
      'host-key': 'yes',
      password: ['a', 'b', 'c', 'd'],
    })
    expect(failure).toMatchObject({ code: 'LOGIN_REFUSED', facts: { tried: 'password' } })
    const again = asked.map((question) => ('again' in question ? question.again : undefined))
    expect(again).toEqual([undefined, false, true, true])
    expect(() => readFileSync(ownKnownHosts())).toThrow('ENOENT')
  })

  it('answers a host that asks for the password by keyboard-interactive', async () => {
    const request = { user: 'plain', host: interactive.host, port: interactive.port }
    const { host } = await enter(request, withPassword('plain'))
    expect(host.authenticatedBy).toBe('keyboard-interactive')
  })

  it('gives a host both the key of the agent and the password that it wants', async () => {
    const socket = await startAgent()
    await addToAgent(socket, fleet.credentials.key.privateKey)
    const request = { user: 'plain', host: double.host, port: double.port }
    const { host, kinds } = await enter(request, withPassword('plain'), { agentSocket: socket })
    expect(kinds).toEqual(['host-key', 'password'])
    expect(host.authenticatedBy).toBe('key from your SSH agent, then password')
  })

  it('says which of the named keys it could not use', async () => {
    const request = { ...annaAs('plain'), identityFile: join(home, 'none') }
    expect((await logIn(request)).failure).toMatchObject({ code: 'KEY_FILE_UNREADABLE' })
  })

  it('becomes root by sudo with a password', async () => {
    const { host } = await enter(annaAs('admin'), withPassword('admin'))
    const result = await host.run('id -u\ncat', asRoot('sudo-password', passwordOf('admin')))
    expect(result).toEqual({ code: 0, stdout: '0\n', stderr: '' })
  })

  it('never hands the password to a shell of a host that asks for none', async () => {
    const { host } = await enter(annaAs('easy'), withPassword('easy'))
    const result = await host.run('id -u', asRoot('sudo-password', 'touch-me'))
    expect(result).toEqual({ code: 0, stdout: '0\n', stderr: '' })
    expect(await host.run('id -u', asRoot('sudo-free'))).toMatchObject({ code: 0, stdout: '0\n' })
  })

  it('stops at a wrong sudo password, and tells it from not being allowed', async () => {
    const { host: admin } = await enter(annaAs('admin'), withPassword('admin'))
    const wrong = await admin.run('id', asRoot('sudo-password', 'wrong')).catch(toFailure)
    expect(wrong).toMatchObject({ code: 'SUDO_PASSWORD_WRONG' })
    const missing = await admin.run('id', asRoot('sudo-free')).catch(toFailure)
    expect(missing).toMatchObject({ code: 'SUDO_NOT_ALLOWED' })
    const { host: plain } = await enter(annaAs('plain'), withPassword('plain'))
    const refused = await plain.run('id', asRoot('sudo-password', passwordOf('plain'))).catch(toFailure)
    expect(refused).toMatchObject({ code: 'SUDO_NOT_ALLOWED' })
    expect(await plain.run('id', asRoot('none')).catch(toFailure)).toMatchObject({ code: 'SUDO_NOT_ALLOWED' })
  })

  it('tolerates what start-up files print before the root shell speaks', async () => {
    const noise = 'echo noise; echo more noise >&2\n'
    await fleet.host('anna').writeFile('/home/easy/.bashrc', noise, { owner: 'easy' })
    const { host } = await enter(annaAs('easy'), withPassword('easy'))
    expect(await host.run('id -u', asRoot('sudo-free'))).toMatchObject({ code: 0, stdout: '0\n' })
  })

  it('asks about an unknown host once, and remembers the key in its own file alone', async () => {
    const first = await enter(annaAs('plain'), withPassword('plain'))
    expect(first.kinds).toEqual(['host-key', 'password'])
    expect((await enter(annaAs('plain'), { password: passwordOf('plain') })).kinds).toEqual(['password'])
    const [ed25519] = (await fleet.host('anna').hostKeys()).filter((key) => key.startsWith('ssh-ed25519'))
    expect(readFileSync(ownKnownHosts(), 'utf8')).toBe(`[127.0.0.1]:${anna.port} ${ed25519}\n`)
  })

  it('asks nothing more when the host key is not confirmed', async () => {
    const { failure, asked } = await logIn(annaAs('plain'), { password: passwordOf('plain') })
    expect(failure?.code).toBe('HOST_KEY_REJECTED')
    expect(asked.map(({ kind }) => kind)).toEqual(['host-key'])
  })

  it('knows a host whose hashed name and other kind of key stand in known_hosts', async () => {
    const ecdsa = (await fleet.host('anna').hostKeys()).find((key) => key.startsWith('ecdsa')) ?? ''
    put('known_hosts', `[127.0.0.1]:${anna.port} ${ecdsa}\n`)
    await must(['ssh-keygen', '-q', '-H', '-f', join(home, '.ssh', 'known_hosts')])
    const { kinds } = await enter(annaAs('plain'), { password: passwordOf('plain') })
    expect(kinds).toEqual(['password'])
  })

  it('never accepts a changed host key, and shows both fingerprints', async () => {
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'old')])
    put('known_hosts', `[127.0.0.1]:${anna.port} ${readFileSync(join(home, 'old.pub'), 'utf8')}`)
    const { failure, asked } = await logIn(annaAs('plain'), withPassword('plain'))
    const old = (await must(['ssh-keygen', '-lf', join(home, 'old.pub')])).split(' ')[1]
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED', facts: { known: old } })
    expect(failure?.facts).toMatchObject({ fingerprint: expect.stringMatching(/^SHA256:.{43}$/) })
    expect(asked).toEqual([])
  })

  it('records all the keys that the host proves to own', async () => {
    const { host } = await enter(annaAs('plain'), withPassword('plain'))
    const told = host.hostKeys.map(({ type, key }) => `${type} ${key}`).sort()
    expect(told).toEqual((await fleet.host('anna').hostKeys()).sort())
  })

  it('goes through another host, whose key is settled and pinned likewise', async () => {
    put('id_ed25519', fleet.credentials.key.privateKey)
    put(
      'config',
      `Host via\n  HostName 127.0.0.1\n  Port ${anna.port}\n  User plain\nHost far\n  HostName ${fleet.address('ben')}\n  User easy\n  ProxyJump via\n`,
    )
    const { host, kinds } = await enter({ host: 'far' })
    expect(kinds).toEqual(['host-key', 'host-key'])
    expect((await host.run('hostname; id -un', asUser)).stdout).toBe('ben\neasy\n')
    expect(host.jump).toMatchObject({ host: '127.0.0.1', port: anna.port, user: 'plain' })
    expect(host.jump?.hostKeys.length).toBeGreaterThan(1)
    put('config', `Host far\n  HostName ${fleet.address('hole')}\n  ProxyJump plain@127.0.0.1:${anna.port}\n`)
    expect((await logIn({ host: 'far' })).failure?.code).toBe('JUMP_FAILED')
  })

  /** Where a text stands on a host: argument vectors and environments of live processes, and files. */
  async function search(host: Host, text: string): Promise<string[]> {
    const script = `grep -al ${text} /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null`
    const found = (await host.exec(['sh', '-s'], { input: script })).stdout.split('\n')
    // The searching program names the text itself, but is gone by now.
    const alive = (await host.exec(['sh', '-c', 'ls -d /proc/[0-9]*'])).stdout.split('\n')
    const files = ['grep', '-rIl', text, '/etc', '/home', '/root', '/tmp', '/var/log', '/run']
    return [
      ...found.filter((file) => file !== '' && alive.includes(file.replace(/\/[a-z]+$/, ''))),
      ...(await host.exec(files)).stdout.split('\n').filter((file) => file !== ''),
    ]
  }

  it('leaves no password in any argument vector, environment, log or file of any host', async () => {
    const secret = passwordOf('admin')
    const { host } = await enter(annaAs('admin'), withPassword('admin'))
    const running = host.run('sleep 300', asRoot('sudo-password', secret)).catch(toFailure)
    const isRunning = async () => (await fleet.host('anna').exec(['pgrep', '-f', '^sleep 300'])).code === 0
    await until('the script runs as root', isRunning)
    for (const one of fleet.hosts) expect(await search(one, secret)).toEqual([])
    expect((await run(['grep', '-rl', secret, home])).stdout).toBe('')
    await host.close()
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST' })

    const ben = fleet.host('ben')
    await ben.start('planted', ['sleep', '304'], { env: { PLANTED: 'planted-for-the-search' } })
    await ben.writeFile('/home/plain/planted', 'planted-for-the-search\n')
    expect(await search(ben, 'planted-for-the-search')).toEqual(
      expect.arrayContaining([expect.stringMatching(/environ$/), '/home/plain/planted']),
    )
  })

  it('ends what runs there on a time-out, and when it is cancelled', async () => {
    const { host } = await enter(annaAs('admin'), withPassword('admin'))
    const isRunning = async (text: string) =>
      (await fleet.host('anna').exec(['pgrep', '-f', `^sleep ${text}`])).code === 0
    const late = host.run('sleep 301', { ...asUser, timeoutMs: 500 }).catch(toFailure)
    expect(await late).toMatchObject({ code: 'TIMED_OUT' })
    await until('it is gone', async () => !(await isRunning('301')))
    const abort = new AbortController()
    const rootRun = { ...asRoot('sudo-password', passwordOf('admin')), signal: abort.signal }
    const cancelled = host.run('sleep 302', rootRun).catch(toFailure)
    await until('it runs', () => isRunning('302'))
    abort.abort()
    expect(await cancelled).toMatchObject({ code: 'CANCELLED' })
    await until('it is gone', async () => !(await isRunning('302')))
    expect(await host.run('echo still here', asUser)).toMatchObject({ stdout: 'still here\n' })
  })

  it('says that the connection was lost when the host cuts it', async () => {
    const { host } = await enter(annaAs('plain'), withPassword('plain'))
    const lines: string[] = []
    const running = host
      .run('echo started; sleep 303', { ...asUser, onLine: (line) => lines.push(line) })
      .catch(toFailure)
    await until('it runs', async () => lines.includes('started'))
    await fleet.host('anna').stopSshd()
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await host.run('true', asUser).catch(toFailure)).toMatchObject({ code: 'CONNECTION_LOST' })
    await fleet.host('anna').startSshd()
  })

  it('can be cancelled while it waits for an answer', async () => {
    const abort = new AbortController()
    const ssh = createSsh({
      knownHostsFile: ownKnownHosts(),
      homeDir: home,
      systemDir: home,
      agentSocket: undefined,
    })
    const never = () => {
      abort.abort()
      return new Promise<never>(() => {})
    }
    const failure = await ssh.open(annaAs('plain'), never, abort.signal).catch(toFailure)
    expect(failure).toMatchObject({ code: 'CANCELLED' })
  })
})
