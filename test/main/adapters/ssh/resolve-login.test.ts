import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { resolveLogin } from '../../../../main/adapters/ssh/config/resolve-login'
import { toFailure } from '../../../../main/failures'

let home: string
const userName = userInfo().username

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh-config-'))
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
})

afterEach(() => rmSync(home, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text, { mode: 0o600 })
const person = () => ({ homeDir: home, userName, systemDir: home })
const resolve = (host: string) => resolveLogin({ host }, person())
const failureOf = (host: string) => resolve(host).then(() => undefined, toFailure)

/** What the real ssh(1) makes of the same file. */
function askSsh(host: string) {
  const text = execFileSync('ssh', ['-G', '-F', join(home, '.ssh', 'config'), host], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
  const values = (name: string) =>
    text.split('\n').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))
  const [first] = values('proxyjump')
  return {
    host: values('hostname')[0],
    user: values('user')[0],
    port: Number(values('port')[0]),
    files: values('identityfile').filter((file) => file.startsWith('/')),
    jump: first === 'none' ? undefined : first,
  }
}

async function askUs(host: string) {
  const { jump, identityFiles, identitiesNamed, ...login } = await resolve(host)
  const user = jump?.user === undefined ? '' : `${jump.user}@`
  const port = jump?.port === undefined ? '' : `:${jump.port}`
  return {
    host: login.host,
    user: login.user,
    port: login.port,
    files: identitiesNamed ? identityFiles : [],
    jump: jump && `${user}${jump.host}${port}`,
  }
}

const name = fc.constantFrom('anna', 'ben', 'anna.lan', 'Anna', '10.0.0.7')
const pattern = fc.oneof(
  name,
  fc.constantFrom('*', 'a*', '!ben', '?nna', '*.lan', '10.0.0.?', '!*.lan', 'a**a'),
)
const list = (patterns: fc.Arbitrary<string>) => fc.array(patterns, { minLength: 1, maxLength: 3 })
const option = fc.oneof(
  fc.constantFrom('HostName otto.lan', 'hostname %h.example', 'HostName=10.1.1.1', 'HostName "Quoted.Lan"'),
  fc.constantFrom('User root', 'User = bob', 'USER\tcarl', 'Port 2222', 'port=23'),
  fc.constantFrom('IdentityFile /keys/one', 'IdentityFile "/keys/with space"'),
  fc.constantFrom(
    'ProxyJump gate',
    'ProxyJump eve@gate:2200',
    'ProxyJump none',
    'ForwardAgent yes',
    '# comment',
  ),
)
const head = fc.oneof(
  list(pattern).map((patterns) => `Host ${patterns.join(' ')}`),
  list(pattern).map((patterns) => `Match host ${patterns.join(',')}`),
  list(pattern).map((patterns) => `Match originalhost ${patterns.join(',')} user root,bob`),
  fc.constantFrom('Match all', 'Match user root', `Match localuser ${userName}`, 'Match !host otto.lan'),
)
const section = fc
  .tuple(head, fc.array(option, { maxLength: 4 }))
  .map(([first, options]) => `${first}\n${options.map((line) => `  ${line}\n`).join('')}`)
const config = fc
  .tuple(fc.array(option, { maxLength: 2 }), fc.array(section, { maxLength: 4 }))
  .map(([options, sections]) => `${options.map((line) => `${line}\n`).join('')}${sections.join('')}`)

describe('the SSH configuration', () => {
  it('means to us what it means to ssh -G', async () => {
    await fc.assert(
      fc.asyncProperty(config, name, async (text, host) => {
        put('config', text)
        expect(await askUs(host)).toEqual(askSsh(host))
      }),
      { numRuns: 40 },
    )
  })

  it('may be spread over files, also inside a section', async () => {
    put('one.conf', 'Host anna\n  HostName otto.lan\nHost ben\n  Port 23\n')
    put('two.conf', 'Port 2222\n')
    put('config', `Include ${home}/.ssh/[no]*.conf\nHost anna\n  Include ${home}/.ssh/two.conf\n  User bob\n`)
    for (const host of ['anna', 'ben']) expect(await askUs(host)).toEqual(askSsh(host))
    expect(await resolve('anna')).toMatchObject({ host: 'otto.lan', port: 2222, user: 'bob' })
  })

  it('may not include itself, which ssh refuses too', async () => {
    put('more', '\nInclude config\n')
    put('config', 'Port 2222\nInclude more\n')
    expect(await failureOf('anna')).toMatchObject({
      code: 'SSH_CONFIG_BROKEN',
      facts: { said: `${home}/.ssh/more, line 2: the Include leads back to ${home}/.ssh/config` },
    })
  })

  it('is not followed to a million files', async () => {
    for (let level = 0; level < 12; level++) put(`level-${level}`, `Include level-${level + 1}\n`.repeat(4))
    put('config', 'Include level-0\n')
    const startMs = performance.now()
    const failure = await failureOf('anna')
    expect(failure).toMatchObject({ code: 'SSH_CONFIG_BROKEN' })
    expect(failure?.facts).toMatchObject({
      said: expect.stringMatching(/line \d: the Include leads to \d+ files$/),
    })
    expect(performance.now() - startMs).toBeLessThan(2_000)
  })

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a device', (path: string) => symlinkSync('/dev/zero', path)],
  ])('that is %s, or includes it, is named', async (what, make) => {
    make(join(home, '.ssh', 'odd'))
    put('config', 'Include odd\n')
    expect(await failureOf('anna')).toMatchObject({
      code: 'SSH_CONFIG_BROKEN',
      facts: { said: `${home}/.ssh/odd is ${what}` },
    })
  })

  it('is never executed, and what it leaves undecided is told', async () => {
    const trace = join(home, 'trace')
    const touch = `touch ${trace}`
    put('more', `# nothing\nMatch host anna,ben exec "${touch}"\n  HostName evil.lan\n`)
    put(
      'config',
      [
        `Match exec "${touch}"\n  Port 23`,
        `Match originalhost ben !exec '${touch}'\n  Port 24`,
        `Match host anna exec=${touch.replace(' ', '=')}\n  Port 25`,
        `Include more`,
        `Host *\n  LocalCommand ${touch}\n  PermitLocalCommand yes\n  KnownHostsCommand ${touch}\n`,
      ].join('\n'),
    )
    const login = await resolve('anna')
    expect(login).toMatchObject({ host: 'anna', port: 22, knownHosts: { hasCommand: true } })
    expect(login.ignoredOptions).toContain('localcommand')
    const where = ['config, line 1', 'config, line 5', 'more, line 2']
    expect(login.notFollowed).toEqual(where.map((one) => `Match exec (${home}/.ssh/${one})`))
    expect(existsSync(trace)).toBe(false)
  })

  it('holds by everything else that ssh knows', async () => {
    put(
      'config',
      [
        'CanonicalizeHostname yes\nCanonicalDomains invalid\nCanonicalizeFallbackLocal yes',
        'Match final host anna\n  Port 2222',
        'Host anna\n  HostKeyAlias otto\n  AddressFamily inet6\n  CertificateFile ~/a-cert.pub\n  IdentityAgent none',
        '  PasswordAuthentication no\n  StrictHostKeyChecking yes\n  CheckHostIP yes\n  RequiredRSASize 3000',
        `  UserKnownHostsFile ${home}/one ${home}/two\n  GlobalKnownHostsFile none\n  HashKnownHosts yes\n`,
      ].join('\n'),
    )
    expect(await resolve('anna')).toMatchObject({
      port: 2222,
      addressFamily: 6,
      certificateFiles: [`${home}/a-cert.pub`],
      identityAgent: undefined,
      methods: ['publickey', 'keyboard-interactive'],
      knownHosts: {
        alias: 'otto',
        files: [`${home}/one`, `${home}/two`],
        isStrict: true,
        checksAddress: true,
        hashesNames: true,
        leastRsaBits: 3000,
      },
      ignoredOptions: [],
    })
  })

  it('says in which order to try what', async () => {
    put('config', 'PreferredAuthentications keyboard-interactive,gssapi-with-mic,publickey\n')
    expect((await resolve('anna')).methods).toEqual(['keyboard-interactive', 'publickey'])
  })

  it.each([
    ['ProxyCommand nc %h %p', 'ProxyCommand'],
    ['ProxyJump one,two', 'ProxyJump one,two'],
  ])('that leaves no way but %s is not followed', async (line, named) => {
    put('config', `Host anna\n  ${line}\n`)
    const failure = await failureOf('anna')
    expect(failure).toMatchObject({ code: 'SSH_CONFIG_UNSUPPORTED', facts: { host: 'anna', option: named } })
  })

  it('names key files by tokens, and leaves out what it cannot know', async () => {
    put('config', `User bob\nIdentityFile ~/%n-%r-%p\nIdentityFile /keys/$\{NO_SUCH}\n`)
    expect((await resolve('anna')).identityFiles).toEqual([join(home, 'anna-bob-22')])
  })

  it('gives way to what was asked for', async () => {
    put('config', 'User bob\nPort 23\nIdentityFile /keys/one\n')
    const request = { host: 'anna', user: 'eve', port: 24, identityFile: '~/mine' }
    expect(await resolveLogin(request, person())).toMatchObject({
      user: 'eve',
      port: 24,
      identityFiles: [join(home, 'mine')],
      identitiesOnly: true,
    })
  })

  it('that ssh does not take is refused in its words, with the file and the line', async () => {
    put('config', 'Port 23\nFrobnicate yes\n')
    expect(await failureOf('anna')).toMatchObject({
      code: 'SSH_CONFIG_BROKEN',
      facts: { said: `${home}/.ssh/config: line 2: Bad configuration option: frobnicate` },
    })
  })

  it('leaves nothing of a copy behind', async () => {
    put('config', 'Match exec true\n  Port 23\n')
    vi.stubEnv('TMPDIR', home)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    await resolve('anna')
    expect(readdirSync(home)).toEqual(['.ssh'])
  })
})
