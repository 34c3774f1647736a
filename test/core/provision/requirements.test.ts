import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { AddOptions } from '../../../contract/commands'
import { ProvisionParameters, type RemoteFacts } from '../../../contract/remote'
import { anyText } from '../../fixtures/arbitraries'
import { someFacts, withNix } from '../../fixtures/facts'
import { plan } from '../../fixtures/provisioning'

const failureOf = (found: RemoteFacts, options?: AddOptions) => {
  const result = plan(found, options)
  return result.ok ? undefined : result.failure
}

describe('a machine that cannot be a builder', () => {
  const { nix: _, ...bare } = someFacts()
  it.each([
    ['REMOTE_WITHOUT_NIX', bare, {}],
    [
      'REMOTE_WAY_IN_FAILED',
      { ...bare, waysIn: [{ kind: 'bwrap', program: '/usr/bin/bwrap', store: '/home/me/.nix' }] },
      { program: '/usr/bin/bwrap' },
    ],
    ['REMOTE_WRAPPER_NOT_FOUND', { ...bare, wrapperMissing: 'to-nix' }, { program: 'to-nix' }],
    ['REMOTE_NIX_TOO_OLD', withNix({ version: 'nix (Nix) 2.2.2' }), { version: '2.2.2' }],
    ['REMOTE_NIX_VERSION_UNKNOWN', withNix({ version: '' }), {}],
    [
      'REMOTE_NIX_VERSION_UNKNOWN',
      withNix({ version: '', versionError: 'nix: error while loading shared libraries: libsodium.so.23' }),
      { said: 'nix: error while loading shared libraries: libsodium.so.23' },
    ],
    ['REMOTE_NIX_VERSION_UNKNOWN', withNix({ version: 'tvix 0.1' }), { said: 'tvix 0.1' }],
    ['REMOTE_NIX_CONF_BROKEN', withNix({ confError: "error: illegal configuration line 'x'" }), {}],
    ['REMOTE_DECLARATIVE', { ...someFacts(), declarative: 'nixos' }, { declarative: 'nixos' }],
    [
      'REMOTE_SYSTEM_UNSUPPORTED',
      { ...someFacts(), kernel: 'freebsd', kernelName: 'FreeBSD', osName: 'A kind of BSD' },
      { system: 'FreeBSD' },
    ],
    ['REMOTE_USER_NOT_TRUSTED', { ...someFacts(), root: 'none' }, { user: 'admin' }],
    [
      'REMOTE_USER_UNFIT',
      withNix({ kind: 'single-user', storeOwner: 'solo' }, { root: 'none' }),
      { owner: 'solo', user: 'admin' },
    ],
    [
      'REMOTE_USER_UNFIT',
      { ...someFacts(), kernel: 'darwin', user: 'root', root: 'is-root' },
      { user: 'root' },
    ],
    [
      'REMOTE_SHELL_NOISY',
      withNix({ kind: 'single-user', storeOwner: 'admin' }, { noise: 'Hello' }),
      { noise: 'Hello' },
    ],
  ] as const)('is refused as %s', (code, found, words) => {
    expect(failureOf(found as RemoteFacts)).toMatchObject({ code, facts: words })
  })

  it('says what makes it need a trusted user, where signed inputs would do on both sides', () => {
    const found = withNix({ version: 'nix (Nix) 2.26.3' }, { root: 'none' })
    const why = (nixVersion: string, here = found, options: AddOptions = {}) => {
      const result = plan(here, options, nixVersion)
      return result.ok ? undefined : result.failure.facts
    }
    expect(why('nix (Nix) 2.8.0')).toMatchObject({
      why: expect.stringContaining('Nix 2.8.0 on this computer'),
    })
    const old = withNix({ version: 'nix (Nix) 2.14.1' }, { root: 'none' })
    expect(why('nix (Nix) 2.26.3', old)).toMatchObject({ why: expect.stringContaining('Nix 2.14.1 there') })
    expect(why('nix (Nix) 2.26.3', found, { protocol: 'ssh' })).toMatchObject({
      why: expect.stringContaining('the protocol ssh'),
    })
    expect(why('nix (Nix) 2.26.3')).toBeUndefined()
    const closed = withNix({ version: 'nix (Nix) 2.26.3', allowedUsers: ['@wheel'] }, { root: 'none' })
    expect(why('nix (Nix) 2.26.3', closed)).toEqual({ user: 'admin' })
  })

  it('is refused for a system that it cannot build', () => {
    expect(failureOf(someFacts(), { systems: ['x86_64-linux', 'aarch64-linux'] })).toEqual({
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
      expect(plan(withNix(odd))).toMatchObject({ ok: false, failure: { code: 'REMOTE_FACTS_ODD' } })
    }
  })

  it('never gets parameters past their grammar, whatever it says of itself', () => {
    const text = anyText
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
