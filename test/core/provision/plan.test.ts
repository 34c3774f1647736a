import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { AddOptions } from '../../../contract/commands'
import * as g from '../../../contract/grammar'
import { ProvisionParameters, type RemoteFacts } from '../../../contract/remote'
import { planProvision } from '../../../core/provision/plan'
import { remoteFiles } from '../../../core/provision/remote-files'
import { removalCommands } from '../../../core/provision/removal'
import { buildKey, facts, monitorKey, texts, withNix } from './facts'

const installId = '0123abcd'
const oldNix = 'nix (Nix) 2.8.0'
const newNix = 'nix (Nix) 2.28.5'

const plan = (found: RemoteFacts, options: AddOptions = {}, nixVersion = oldNix) =>
  planProvision({
    facts: found,
    local: { nixVersion, system: 'x86_64-linux', speedScore: 20 },
    options,
    scripts: texts,
    installId,
    monitorKey,
  })

function planned(found: RemoteFacts, options?: AddOptions, nixVersion?: string) {
  const result = plan(found, options, nixVersion)
  if (!result.ok) throw new Error(result.failure.code)
  return result.value
}

const failureOf = (found: RemoteFacts, options?: AddOptions) => {
  const result = plan(found, options)
  return result.ok ? undefined : result.failure
}

describe('the settings of a builder', () => {
  it('are found by looking and measuring, each with how', () => {
    const { settings, plan } = planned(facts)
    expect(settings).toEqual({
      user: 'nixremote',
      protocol: 'ssh-ng',
      systems: ['x86_64-linux', 'i686-linux'],
      supportedFeatures: ['big-parallel', 'gccarch-znver3', 'kvm', 'nixos-test'],
      mandatoryFeatures: [],
      maxJobs: 4,
      coresPerJob: 2,
      speedFactor: 3,
    })
    expect(plan.derived.map(({ name }) => name)).toContain('speedFactor')
    expect(plan.derived.every(({ how }) => how !== '')).toBe(true)
  })

  it('are those of the person where there are any', () => {
    const options: AddOptions = {
      systems: ['i686-linux'],
      maxJobs: 9,
      speedFactor: 5,
      supportedFeatures: ['x'],
    }
    const { settings, plan } = planned(facts, options)
    expect(settings).toMatchObject(options)
    expect(plan.derived.find(({ name }) => name === 'maxJobs')?.how).toBe('as you set it')
  })

  it('promise nothing that the machine cannot keep', () => {
    const { settings } = planned({ ...facts, kvm: false, cpus: 2 })
    expect(settings.supportedFeatures).toEqual(['gccarch-znver3'])
  })

  it('never promise benchmark', () => {
    expect(
      planned(withNix({ systemFeatures: ['benchmark'] }, { kvm: false })).settings.supportedFeatures,
    ).toEqual([])
  })

  it.each([
    [oldNix, 'nix (Nix) 2.3.18', 'ssh'],
    ['nix (Nix) 2.3.18', newNix, 'ssh'],
    ['nix (Lix, like Nix) 2.94.0', 'nix (Nix) 2.8.0', 'ssh'],
    ['nix (Lix, like Nix) 2.94.0', newNix, 'ssh-ng'],
    [oldNix, newNix, 'ssh-ng'],
  ] as const)('speak, from %s to %s, %s', (here, there, protocol) => {
    expect(planned(withNix({ version: there }), {}, here).settings.protocol).toBe(protocol)
  })

  it('keep jobs × cores within the CPUs, and to the grammar, on any machine', () => {
    const size = fc.record({
      cpus: fc.integer({ min: 0, max: 5000 }),
      memoryBytes: fc.integer({ min: 0, max: 2 ** 45 }),
      speedScore: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      kvm: fc.boolean(),
    })
    fc.assert(
      fc.property(size, fc.array(fc.string()), fc.array(fc.string()), (machine, platforms, features) => {
        const { speedScore, ...rest } = machine
        const found = withNix({ extraPlatforms: platforms, systemFeatures: features }, rest)
        const { speedScore: _, ...bare } = found
        const { settings } = planned({ ...bare, ...(speedScore === undefined ? {} : { speedScore }) })
        expect(settings.maxJobs * settings.coresPerJob).toBeLessThanOrEqual(Math.max(machine.cpus, 1))
        for (const [schema, value] of [
          [g.MaxJobs, settings.maxJobs],
          [g.SpeedFactor, settings.speedFactor],
          [g.Systems, settings.systems],
          [g.Features, settings.supportedFeatures],
        ] as const) {
          expect(v.is(schema, value), JSON.stringify(value)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the plan', () => {
  it('says each change in a sentence, with its target and how it is taken back', () => {
    const { changes } = planned(facts).plan
    expect(changes.map(({ target }) => target)).toEqual([
      '/var/lib/millwright/bin',
      'user nixremote',
      '/etc/nix/nix.conf',
      'nix-daemon',
      '/var/lib/millwright/home/.ssh/authorized_keys',
    ])
    for (const { what, undo } of changes) {
      expect(what).toMatch(/^[A-Z].*\.$/)
      expect(undo).toMatch(/^Removing .*\.$/)
    }
  })

  it('is empty when everything is as wanted', () => {
    const { parameters } = planned(facts)
    const done: RemoteFacts = withNix(
      { trustedUsers: ['root', 'nixremote'] },
      {
        accounts: [{ name: 'nixremote', home: '/var/lib/millwright/home' }],
        scripts: [{ base: '/var/lib/millwright', mark: parameters.scripts_mark }],
        fragment: [parameters.trust],
        keys: [
          { install: installId, role: 'build', key: 'B'.repeat(68) },
          { install: installId, role: 'monitor', key: 'M'.repeat(68) },
        ],
      },
    )
    expect(planned(done)).toMatchObject({ plan: { changes: [] }, parameters })
  })

  it('says how many builds go on through the restart', () => {
    const restart = planned({ ...facts, runningBuilds: 3 }).plan.changes.find(
      ({ target }) => target === 'nix-daemon',
    )
    expect(restart?.what).toContain('3 builds running there will go on')
  })

  it('asks for consent to a trusted user only where there will be one', () => {
    const consents = (nixVersion: string) => planned(facts, {}, nixVersion).plan.consents.join(' ')
    expect(consents(oldNix)).toContain('trusted user')
    expect(consents(newNix)).not.toContain('trusted user')
    expect(consents(newNix)).toContain('trust whatever otto builds')
  })

  it('shows the script that will run, before there is a key', () => {
    const { script } = planned(facts).plan
    expect(script).toContain("user='nixremote'")
    expect(script).toContain('echo common')
    expect(script).toContain('once you approve')
  })
})

describe('access to the daemon over there', () => {
  const access = (found: RemoteFacts, nixVersion = oldNix) => {
    const { trust, allow, socket_group } = planned(found, {}, nixVersion).parameters
    return { trust, allow, socket_group }
  }
  const none = { trust: '', allow: '', socket_group: '' }

  it('is trust where the client’s Nix needs it', () => {
    expect(access(facts)).toEqual({ ...none, trust: 'extra-trusted-users = nixremote' })
  })

  it('is nothing where both sides do without', () => {
    expect(access(facts, newNix)).toEqual(none)
  })

  it('writes the whole list anew for a Nix that knows no extra-', () => {
    const old = withNix({ version: 'nix (Nix) 2.3.18', trustedUsers: ['root', '@wheel', "o'dd"] })
    expect(access(old).trust).toBe('trusted-users = root @wheel nixremote')
  })

  it('is left to the administrator who has trusted everybody', () => {
    expect(access(withNix({ trustedUsers: ['*'] }))).toEqual(none)
  })

  it('is a place on the list of allowed users where that is short', () => {
    const shut = withNix({ allowedUsers: ['@wheel'] })
    expect(access(shut, newNix)).toEqual({ ...none, allow: 'extra-allowed-users = nixremote' })
  })

  it('is the group that the socket is kept for', () => {
    expect(access(withNix({ socketGroup: 'nix-users' }), newNix)).toEqual({
      ...none,
      socket_group: 'nix-users',
    })
  })
})

describe('whom builds log in as', () => {
  it.each([
    ['its own user where root can make one', facts, { mode: 'dedicated', run_as: 'root', user: 'nixremote' }],
    [
      'millwright where nixremote is somebody else’s',
      { ...facts, accounts: [{ name: 'nixremote', home: '/home/nixremote' }] },
      { user: 'millwright' },
    ],
    [
      'the login user without root, if it is trusted',
      withNix({ trustedUsers: ['@sudo'] }, { root: 'none' }),
      { mode: 'own', run_as: 'login', user: 'admin', trust: '' },
    ],
    [
      'the owner of a single-user store',
      withNix({ kind: 'single-user', storeOwner: 'admin' }, { root: 'none' }),
      { mode: 'own', run_as: 'login', user: 'admin', trust: '' },
    ],
    [
      'the owner of a single-user store, by way of root',
      withNix({ kind: 'single-user', storeOwner: 'solo' }),
      { mode: 'own', run_as: 'owner', user: 'solo', trust: '' },
    ],
    [
      'the login user of a Mac',
      withNix({ trustedUsers: ['@admin'] }, { kernel: 'darwin', groups: ['staff', 'admin'] }),
      { mode: 'own', run_as: 'login', user: 'admin' },
    ],
  ] as const)('is %s', (_, found, expected) => {
    expect(planned(found as RemoteFacts).parameters).toMatchObject(expected)
  })
})

describe('a machine that cannot be a builder', () => {
  const { nix: _, ...bare } = facts
  it.each([
    ['REMOTE_WITHOUT_NIX', bare, {}],
    ['REMOTE_NIX_TOO_OLD', withNix({ version: 'nix (Nix) 2.2.2' }), { version: '2.2.2' }],
    ['REMOTE_NIX_TOO_OLD', withNix({ version: '' }), {}],
    ['REMOTE_NIX_CONF_BROKEN', withNix({ confError: "error: illegal configuration line 'x'" }), {}],
    ['REMOTE_DECLARATIVE', { ...facts, declarative: 'nixos' }, { declarative: 'nixos' }],
    ['REMOTE_SYSTEM_UNSUPPORTED', { ...facts, kernel: 'freebsd', osName: 'FreeBSD' }, { system: 'FreeBSD' }],
    ['REMOTE_USER_NOT_TRUSTED', { ...facts, root: 'none' }, { user: 'admin' }],
    [
      'REMOTE_USER_UNFIT',
      withNix({ kind: 'single-user', storeOwner: 'solo' }, { root: 'none' }),
      { owner: 'solo', user: 'admin' },
    ],
    ['REMOTE_USER_UNFIT', { ...facts, kernel: 'darwin', user: 'root', root: 'is-root' }, { user: 'root' }],
    [
      'REMOTE_SHELL_NOISY',
      withNix({ kind: 'single-user', storeOwner: 'admin' }, { noise: 'Hello' }),
      { noise: 'Hello' },
    ],
  ] as const)('is refused as %s', (code, found, words) => {
    expect(failureOf(found as RemoteFacts)).toMatchObject({ code, facts: words })
  })

  it('is refused for a system that it cannot build', () => {
    expect(failureOf(facts, { systems: ['x86_64-linux', 'aarch64-linux'] })).toEqual({
      code: 'REMOTE_SYSTEM_NOT_BUILDABLE',
      facts: { wanted: 'aarch64-linux', systems: 'x86_64-linux, i686-linux' },
    })
  })

  it('is refused when it gives itself names that would need quoting', () => {
    for (const odd of [
      { binDir: "/nix'; rm -rf /; '" },
      { confFile: '/etc/a b' },
      { socketGroup: '$(id)' },
    ]) {
      expect(plan(withNix(odd))).toMatchObject({ ok: false, failure: { code: 'REMOTE_SCRIPT_FAILED' } })
    }
  })

  it('never gets parameters past their grammar, whatever it says of itself', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(
        text,
        text,
        text,
        text,
        fc.array(text),
        (binDir, confFile, socketGroup, user, trustedUsers) => {
          for (const root of ['none', 'is-root'] as const) {
            const version = 'nix (Nix) 2.3.18'
            const result = plan(
              withNix({ version, binDir, confFile, socketGroup, trustedUsers }, { user, root }),
            )
            if (result.ok) expect(v.is(ProvisionParameters, result.value.parameters)).toBe(true)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('what lies there afterwards', () => {
  it('is told file by file, with the key lines', () => {
    const files = remoteFiles(planned(facts).parameters, facts, buildKey)
    const keys = files.find(({ path }) => path.endsWith('authorized_keys'))
    expect(keys?.content).toBe(
      [
        `restrict,command="/var/lib/millwright/bin/millwright-serve" ${buildKey} millwright:${installId}:build\n`,
        `restrict,command="/var/lib/millwright/bin/millwright-probe" ${monitorKey} millwright:${installId}:monitor\n`,
      ].join(''),
    )
    expect(files.map(({ path }) => path)).toContain('/etc/nix/nix.conf')
  })

  it('can be removed by hand when the machine is gone', () => {
    const { parameters } = planned(facts)
    const commands = removalCommands(parameters).join('\n')
    for (const word of [
      `millwright:${installId}:`,
      'userdel nixremote',
      '!include',
      'rm -r /var/lib/millwright',
    ]) {
      expect(commands).toContain(word)
    }
    expect(removalCommands({ ...parameters, user: '; reboot' })).toEqual([])
  })
})
