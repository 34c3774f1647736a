import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Question } from '../../../contract/job'
import { createSsh } from '../../../main/adapters/ssh/ssh'
import { toFailure } from '../../../main/failures'
import type { RemoteHost } from '../../../main/ports/ssh'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Forward } from '../fleet/forward'
import type { Host } from '../fleet/host'
import { must, run, until } from '../fleet/process'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0

/** Of servers on anna besides its own: one with a certificate, which also takes those of people, and a plain one. */
const certifiedPort = 2222
const plainPort = 2223

describe.skipIf(!isRoot)('a person’s SSH configuration, as ssh follows it (needs root on Debian 12)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let anna: Host
  let certified: Forward
  let plain: Forward
  /** Who signs certificates, and what they sign. */
  let shop: string
  let home: string
  let opened: RemoteHost[] = []
  let programs: ChildProcess[] = []

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    anna = fleet.host('anna')
    shop = mkdtempSync(join(tmpdir(), 'authority-'))
    for (const name of ['host-ca', 'user-ca', 'other-ca']) await makeKey(name, 'ed25519')
    // As small as OpenSSH of 2010 made them, and nothing else: what old machines have.
    await anna.must(['ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', '/etc/ssh/small'])
    writeFileSync(join(shop, 'small.pub'), await anna.readFile('/etc/ssh/small.pub'))
    await certify('host-ca', 'small.pub', '-h', '-n', '127.0.0.1,otto.lan,anna')
    await anna.writeFile('/etc/ssh/small-cert.pub', readFileSync(join(shop, 'small-cert.pub'), 'utf8'))
    await anna.writeFile('/etc/ssh/user-ca.pub', publicKey('user-ca'))
    certified = await startSshd(
      certifiedPort,
      'HostKey=/etc/ssh/small',
      'HostCertificate=/etc/ssh/small-cert.pub',
      'TrustedUserCAKeys=/etc/ssh/user-ca.pub',
    )
    plain = await startSshd(plainPort, 'PasswordAuthentication=yes')
  })

  afterAll(async () => {
    if (shop) rmSync(shop, { recursive: true })
    await fleet?.close()
  })

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'person-'))
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  })

  afterEach(async () => {
    await Promise.all(opened.map((host) => host.close()))
    opened = []
    for (const program of programs) program.kill()
    programs = []
    rmSync(home, { recursive: true, force: true })
  })

  async function makeKey(name: string, type: string, folder = shop): Promise<void> {
    await must(['ssh-keygen', '-q', '-t', type, '-N', '', '-f', join(folder, name)])
  }

  async function certify(authority: string, file: string, ...options: string[]): Promise<void> {
    const path = file.startsWith('/') ? file : join(shop, file)
    await must(['ssh-keygen', '-q', '-s', join(shop, authority), '-I', 'test', ...options, path])
  }

  const publicKey = (name: string) => readFileSync(join(shop, `${name}.pub`), 'utf8')

  async function startSshd(port: number, ...settings: string[]): Promise<Forward> {
    const options = settings.flatMap((setting) => ['-o', setting])
    await anna.start(`sshd-${port}`, ['/usr/sbin/sshd', '-D', '-p', String(port), ...options])
    await until('the other sshd listens', async () => {
      const probe = `exec 3<>/dev/tcp/127.0.0.1/${port} && head -c 4 <&3 | grep -q SSH-`
      return (await anna.exec(['bash', '-c', probe])).code === 0
    })
    return fleet.forward('anna', port)
  }

  const put = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text, { mode: 0o600 })
  const nameOf = ({ host, port }: Forward) => `[${host}]:${port}`

  /** Logs in as `ssh ALIAS` would, with a password where one is asked for, and says yes to no host key. */
  async function logIn(alias: string, agentSocket?: string) {
    const asked: Question['kind'][] = []
    const ssh = createSsh({
      knownHostsFile: join(home, 'millwright', 'known_hosts'),
      homeDir: home,
      systemDir: home,
      userName: 'dev',
      agentSocket,
    })
    try {
      const host = await ssh.open(
        { host: alias },
        async (question) => {
          asked.push(question.kind)
          const secret = fleet.credentials.passwords.plain ?? ''
          return question.kind === 'password' ? { kind: 'secret', secret } : { kind: 'no' }
        },
        new AbortController().signal,
      )
      opened.push(host)
      return { host, asked, failure: undefined }
    } catch (error) {
      return { host: undefined, asked, failure: toFailure(error) }
    }
  }

  const stanza = ({ host, port }: Forward, ...more: string[]) =>
    put('config', `Host otto\n  HostName ${host}\n  Port ${port}\n  User plain\n${more.join('\n')}\n`)

  async function startAgent(): Promise<string> {
    const socket = join(home, 'agent')
    programs.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }))
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    await until('the agent answers', async () => (await run(['ssh-add', '-l'], { env })).code === 1)
    return socket
  }

  it('knows a host by the certificate of an authority, asks nothing, and pins the small RSA key', async () => {
    stanza(certified)
    put('known_hosts', `@cert-authority ${nameOf(certified)} ${publicKey('host-ca')}`)
    const { host, asked, failure } = await logIn('otto')
    expect({ asked, failure }).toEqual({ asked: ['password'], failure: undefined })
    expect(host?.hostKeys.map(({ type, key }) => `${type} ${key}`)).toContain(
      readFileSync(join(shop, 'small.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    )
  })

  it.each([
    ['of another authority', () => `@cert-authority ${nameOf(certified)} ${publicKey('other-ca')}`, ''],
    [
      'of an authority that was revoked',
      () => ['@cert-authority', '@revoked'].map((mark) => `${mark} * ${publicKey('host-ca')}`).join(''),
      '',
    ],
    ['for another name', () => `@cert-authority * ${publicKey('host-ca')}`, '  HostKeyAlias emil.lan'],
  ])('asks about a host whose certificate is %s, and raises no alarm', async (_, lines, option) => {
    stanza(certified, option)
    put('known_hosts', lines())
    const { asked, failure } = await logIn('otto')
    expect(asked).toEqual(['host-key'])
    expect(failure).toMatchObject({ code: 'HOST_KEY_REJECTED', facts: { reason: 'declined' } })
  })

  it.each(['ed25519', 'ecdsa', 'rsa'])('opens the door with a certificate of a key of %s', async (type) => {
    stanza(certified, '  IdentityFile ~/.ssh/work', '  HostKeyAlias otto.lan')
    put('known_hosts', `@cert-authority *.lan ${publicKey('host-ca')}`)
    await makeKey('work', type, join(home, '.ssh'))
    expect((await logIn('otto')).host?.authenticatedBy).toBe('password')
    await certify('user-ca', join(home, '.ssh', 'work.pub'), '-n', 'plain')
    const { host, asked } = await logIn('otto')
    expect(asked).toEqual([])
    expect(host?.authenticatedBy).toBe('~/.ssh/work-cert.pub')
  })

  it('opens it with a certificate that lies elsewhere, and with one that the agent alone has', async () => {
    put('known_hosts', `@cert-authority * ${publicKey('host-ca')}`)
    await makeKey('id_ed25519', 'ed25519', join(home, '.ssh'))
    await certify('user-ca', join(home, '.ssh', 'id_ed25519.pub'), '-n', 'plain')
    await must(['mv', join(home, '.ssh', 'id_ed25519-cert.pub'), join(home, 'elsewhere.pub')])
    stanza(certified, `  CertificateFile ${home}/elsewhere.pub`)
    expect((await logIn('otto')).host?.authenticatedBy).toBe('~/elsewhere.pub')

    const socket = await startAgent()
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    await must(['mv', join(home, 'elsewhere.pub'), join(home, '.ssh', 'id_ed25519-cert.pub')])
    await must(['ssh-add', '-q', join(home, '.ssh', 'id_ed25519')], { env })
    // Adding a key adds its certificate beside it; what is left here is the certificate alone.
    await must(['ssh-add', '-q', '-d', join(home, '.ssh', 'id_ed25519.pub')], { env })
    for (const name of ['id_ed25519', 'id_ed25519.pub', 'id_ed25519-cert.pub']) {
      rmSync(join(home, '.ssh', name))
    }
    stanza(certified)
    const held = await run(['ssh-add', '-l'], { env })
    const { host } = await logIn('otto', socket)
    const wanted = held.stdout.includes('CERT') ? 'certificate from your SSH agent' : 'password'
    expect(host?.authenticatedBy).toBe(wanted)
  })

  it('takes HostKeyAlias and known hosts from where the configuration says', async () => {
    const [key = ''] = await anna.hostKeys()
    writeFileSync(join(home, 'mine'), `build-farm ${key}\n`)
    // Under its own name another key is known: that would be an alarm.
    put('known_hosts', `${nameOf(plain)} ${publicKey('other-ca')}`)
    stanza(plain, '  HostKeyAlias build-farm', `  UserKnownHostsFile ${home}/mine`)
    expect(await logIn('otto')).toMatchObject({ asked: ['password'], failure: undefined })
  })

  it('does not ask about a host where nobody is to be asked, and says why not', async () => {
    stanza(plain, '  StrictHostKeyChecking yes')
    const { asked, failure } = await logIn('otto')
    expect(asked).toEqual([])
    expect(failure).toMatchObject({ code: 'HOST_KEY_REJECTED', facts: { reason: 'strict' } })
  })

  it('holds RSA keys to the length that the configuration requires', async () => {
    stanza(certified, '  RequiredRSASize 3000')
    put('known_hosts', `@cert-authority * ${publicKey('host-ca')}`)
    expect((await logIn('otto')).failure).toMatchObject({
      code: 'HOST_KEY_REJECTED',
      facts: { why: expect.stringContaining('RSA key of 2048 bits') },
    })
  })

  it('asks for no password where the configuration allows none, and tells what decided', async () => {
    const [key = ''] = await anna.hostKeys()
    put('known_hosts', `${nameOf(plain)} ${key}\n`)
    stanza(plain, '  PasswordAuthentication no', 'Match exec "true"', '  IdentityFile ~/.ssh/secret')
    const { asked, failure } = await logIn('otto')
    expect(asked).toEqual([])
    expect(failure).toMatchObject({
      code: 'LOGIN_REFUSED',
      facts: {
        switchedOff: expect.stringContaining('password'),
        notFollowed: `Match exec (${home}/.ssh/config, line 6)`,
      },
    })
  })

  describe('on the client', () => {
    let client: Host
    const config = '/root/.ssh/config'
    const add = 'add otto --yes'

    beforeAll(async () => {
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/root/.ssh/id_ed25519', fleet.credentials.key.privateKey, { mode: '0600' })
      await client.writeFile('/root/.ssh/known_hosts', `@cert-authority otto.lan ${publicKey('host-ca')}`)
    })

    const text = `Host otto\n  HostName anna\n  Port ${certifiedPort}\n  User easy\n  HostKeyAlias otto.lan\n`

    it('a file that others may write is refused in the words of ssh', async () => {
      await client.writeFile(config, text, { mode: '0666' })
      const { code, stderr } = await millwright(client, `${add} --dry-run`)
      expect(code).toBe(1)
      expect(stderr).toContain(`Bad owner or permissions on ${config}`)
    })

    it('one that its own group may write is taken, as Debian’s ssh takes it', async () => {
      const ssh = '/home/dev/.ssh'
      await client.writeFile(`${ssh}/config`, text, { mode: '0664', owner: 'dev' })
      await client.writeFile(`${ssh}/id_ed25519`, fleet.credentials.key.privateKey, {
        mode: '0600',
        owner: 'dev',
      })
      await client.writeFile(`${ssh}/known_hosts`, `@cert-authority otto.lan ${publicKey('host-ca')}`)
      expect((await client.exec(['ssh', '-G', 'otto'], { user: 'dev' })).code).toBe(0)
      const { stdout } = await millwright(client, `${add} --dry-run`, { user: 'dev' })
      expect(stdout).toContain('✓ Connect')
    })

    it('leads to a builder that has nothing but a small RSA key, with nobody asked', async () => {
      await client.writeFile(config, text, { mode: '0600' })
      const added = await millwright(client, add)
      expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Built on anna') })
    })

    it('a pipe in the place of known_hosts is named, and holds nothing up', async () => {
      await client.must(['sh', '-c', 'cd /root/.ssh && rm known_hosts && mkfifo known_hosts'])
      const { code, stderr } = await millwright(client, `${add} --dry-run`)
      expect(code).toBe(1)
      expect(stderr).toContain('/root/.ssh/known_hosts is a pipe')
      expect((await millwright(client, 'list')).code).toBe(0)
    })
  })
})
