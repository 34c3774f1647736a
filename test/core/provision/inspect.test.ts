import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { RemoteFacts } from '../../../contract/remote'
import { failureWords } from '../../../core/failures/words'
import { parseInspection, parseSpeed } from '../../../core/provision/inspect'
import { anyText } from '../../fixtures/arbitraries'

const nonce = 'a1b2c3d4e5f6'
const whole = {
  host_name: 'otto',
  user: 'admin',
  uid: '1000',
  groups: 'admin sudo',
  home: '/home/admin',
  kernel: 'linux',
  architecture: 'x86_64',
  os_name: 'Debian GNU/Linux 12 (bookworm)',
  init: 'systemd',
  cpus: '8',
  memory_bytes: '33554432000',
  store_free_bytes: '1099511627776',
  kvm: 'yes',
  root: 'sudo-password',
  running_builds: '2',
  speed_rounds_per_second: '40',
  nix_on_path: 'yes',
  nix_version: 'nix-store (Nix) 2.8.0',
  nix_bin_dir: '/usr/bin',
  nix_conf_dir: '/etc/nix',
  conf_file: '/etc/nix/nix.conf',
  store_owner: 'root',
  nix_kind: 'multi-user',
  system: 'x86_64-linux',
  extra_platforms: 'i686-linux',
  trusted_users: 'root @wheel',
  allowed_users: '*',
}

const line = (text: string) => `mw-${nonce} ${text}\n`
const said = (facts: Readonly<Record<string, string>>, before = '') => ({
  code: 0,
  stderr: '',
  stdout: `${before}${line('begin')}${Object.entries(facts)
    .map(([name, value]) => line(`fact ${name} ${value}`))
    .join('')}${line('end')}`,
})
const parse = (facts: Readonly<Record<string, string>>, before = '') =>
  parseInspection(said(facts, before), nonce)

describe('what a look at a machine found', () => {
  it('is read into facts', () => {
    expect(parse(whole)).toMatchObject({
      ok: true,
      value: {
        hostName: 'otto',
        groups: ['admin', 'sudo'],
        cpus: 8,
        kvm: true,
        runningBuilds: 2,
        speedScore: 40,
        nix: {
          binDir: '/usr/bin',
          extraPlatforms: ['i686-linux'],
          trustedUsers: ['root', '@wheel'],
          onPath: true,
        },
      },
    })
  })

  it('has no Nix when none was found', () => {
    const { nix_bin_dir: _, ...rest } = whole
    const parsed = parse(rest)
    expect(parsed.ok && parsed.value.nix).toBeUndefined()
    expect(parsed.ok).toBe(true)
  })

  it('reads the keys that Millwright has there, and no others', () => {
    const keys = said(whole).stdout.replace(
      line('end'),
      line('fact key BLOB1 millwright:0123abcd:build') +
        line('fact key BLOB3 millwright:0123abcd:build anna') +
        line('fact key BLOB2 millwright:nonsense') +
        line('end'),
    )
    const parsed = parseInspection({ code: 0, stderr: '', stdout: keys }, nonce)
    expect(parsed.ok && parsed.value.keys).toEqual([
      { install: '0123abcd', role: 'build', key: 'BLOB1' },
      { install: '0123abcd', role: 'build', key: 'BLOB3', builder: 'anna' },
    ])
  })

  it('keeps text of start-up files apart, also when its line does not end', () => {
    const parsed = parse(whole, 'Last login: never\n\u001b[31mHello')
    expect(parsed).toMatchObject({ ok: true, value: { noise: 'Last login: never Hello', hostName: 'otto' } })
    expect(parse(whole).ok && 'noise' in (parse(whole) as { value: object }).value).toBe(false)
  })

  it('does not take lines with another nonce for its own', () => {
    const forged = parse(whole, 'mw-000000000000 fact root is-root\n')
    expect(forged).toMatchObject({ ok: true, value: { root: 'sudo-password' } })
  })

  it('claims nothing of the system where something that is no POSIX shell has answered', () => {
    const result = { code: 1, stdout: "'/bin/sh' is not recognized as a command\r\n", stderr: '' }
    expect(parseInspection(result, nonce)).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_SCRIPT_FAILED', detail: expect.stringContaining('not recognized') },
    })
  })

  it('fails when it broke off halfway, whatever the exit status', () => {
    const { stdout } = said(whole)
    const cut = { code: 0, stdout: stdout.slice(0, stdout.length / 2), stderr: 'killed' }
    expect(parseInspection(cut, nonce)).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_SCRIPT_FAILED', detail: 'killed' },
    })
  })

  it('promises no details where it ended in silence, and says how to see why', () => {
    const silent = parseInspection({ code: 0, stdout: '', stderr: '\n' }, nonce)
    const failure = silent.ok ? undefined : silent.failure
    const words = failureWords({
      ...failure,
      code: failure?.code ?? '',
      facts: { ...failure?.facts, host: 'anna' },
    })
    expect(words.title).toBe('Looking around on anna broke off')
    expect(`${words.cause} ${words.remedy}`).not.toContain('details')
    expect(words.remedy).toContain('echo echo here | ssh anna /bin/sh')
  })

  it.each([{ root: 'by asking nicely' }, { nix_kind: 'quantum' }, { init: 'sysv\u0000' }])(
    'fails on a value that means nothing: %o',
    (odd) => {
      expect(parse({ ...whole, ...odd })).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_SCRIPT_FAILED' },
      })
    },
  )

  it('survives any text, and answers valid facts or a failure', () => {
    const names = fc.constantFrom(...Object.keys(whole), 'key', 'account', 'scripts', 'fragment', 'state')
    const values = fc.oneof(fc.string(), anyText, fc.constantFrom('9'.repeat(40), '-1', '1e9'))
    const noise = anyText
    fc.assert(
      fc.property(fc.dictionary(names, values), noise, (facts, before) => {
        const parsed = parse({ ...whole, ...facts }, before)
        if (parsed.ok) expect(v.is(RemoteFacts, parsed.value)).toBe(true)
        // JSON writes every control character as an escape.
        expect(JSON.stringify(parsed)).not.toMatch(/\\u00[01]/)
      }),
      { numRuns: 1000 },
    )
  })

  it('is capped, however much comes', () => {
    const parsed = parse({ ...whole, groups: 'g '.repeat(50_000), os_name: 'x'.repeat(100_000) })
    expect(JSON.stringify(parsed).length).toBeLessThan(10_000)
  })
})

describe('the speed alone', () => {
  it('is read from its one line', () => {
    expect(parseSpeed(said({ speed_rounds_per_second: '37' }).stdout, nonce)).toBe(37)
  })

  it.each(['', 'fast', '-3', '0'])('is unknown when it says “%s”', (value) => {
    expect(parseSpeed(said({ speed_rounds_per_second: value }).stdout, nonce)).toBeUndefined()
  })
})
