import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
const resolve = (host: string) => resolveLogin({ host }, { homeDir: home, userName, systemDir: home })

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

function askUs(host: string) {
  const { jump, identityFiles, identitiesNamed, ...login } = resolve(host)
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
  it('means to us what it means to ssh -G', () => {
    fc.assert(
      fc.property(config, name, (text, host) => {
        put('config', text)
        expect(askUs(host)).toEqual(askSsh(host))
      }),
      { numRuns: 150 },
    )
  })

  it('may be spread over files, also inside a section', () => {
    put('one.conf', 'Host anna\n  HostName otto.lan\nHost ben\n  Port 23\n')
    put('two.conf', 'Port 2222\n')
    put('config', `Include ${home}/.ssh/o*.conf\nHost anna\n  Include ${home}/.ssh/two.conf\n  User bob\n`)
    for (const host of ['anna', 'ben']) expect(askUs(host)).toEqual(askSsh(host))
    expect(resolve('anna')).toMatchObject({ host: 'otto.lan', port: 2222, user: 'bob' })
  })

  it('may include itself without end', () => {
    put('config', 'Include config\nPort 2222\n')
    expect(resolve('anna').port).toBe(2222)
  })

  it('is never executed', () => {
    const trace = join(home, 'trace')
    const touch = `touch ${trace}`
    put(
      'config',
      `Match exec "${touch}"\n  HostName evil.lan\nHost *\n  LocalCommand ${touch}\n  PermitLocalCommand yes\n  KnownHostsCommand ${touch}\n`,
    )
    expect(resolve('anna')).toMatchObject({ host: 'anna' })
    expect(resolve('anna').ignoredOptions).toContain('localcommand')
    expect(() => execFileSync('ls', [trace], { stdio: 'pipe' })).toThrow()
  })

  it.each([
    ['ProxyCommand nc %h %p', 'ProxyCommand'],
    ['ProxyJump one,two', 'ProxyJump one,two'],
  ])('that leaves no way but %s is not followed', (line, named) => {
    put('config', `Host anna\n  ${line}\n`)
    const failure = (() => {
      try {
        return resolve('anna')
      } catch (error) {
        return toFailure(error)
      }
    })()
    expect(failure).toMatchObject({ code: 'SSH_CONFIG_UNSUPPORTED', facts: { host: 'anna', option: named } })
  })

  it('names key files by tokens, and leaves out what it cannot know', () => {
    const unknown = ['%C', `$\{NO_SUCH}`].map((token) => `IdentityFile /keys/${token}\n`)
    put('config', `User bob\nIdentityFile ~/%n-%r-%p\n${unknown.join('')}`)
    expect(resolve('anna').identityFiles).toEqual([join(home, 'anna-bob-22')])
  })

  it('gives way to what was asked for', () => {
    put('config', 'User bob\nPort 23\nIdentityFile /keys/one\n')
    const request = { host: 'anna', user: 'eve', port: 24, identityFile: '~/mine' }
    expect(resolveLogin(request, { homeDir: home, userName, systemDir: home })).toMatchObject({
      user: 'eve',
      port: 24,
      identityFiles: [join(home, 'mine')],
      identitiesOnly: true,
    })
  })

  it('that others may write, or that is no text, is passed over', () => {
    writeFileSync(join(home, '.ssh', 'config'), 'Port 23\n', { mode: 0o666 })
    execFileSync('chmod', ['666', join(home, '.ssh', 'config')])
    expect(resolve('anna').port).toBe(22)
    put('config', '\u0000"unclosed\n')
    execFileSync('chmod', ['600', join(home, '.ssh', 'config')])
    expect(resolve('anna').port).toBe(22)
  })
})
