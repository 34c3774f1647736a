import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../fixtures/arbitraries'
import { nix, someFacts, withNix } from '../../fixtures/facts'
import { plan, planned } from '../../fixtures/provisioning'

const codeOf = (...args: Parameters<typeof plan>) => {
  const result = plan(...args)
  return result.ok ? 'none' : result.failure.code
}

describe('what a look says that would steer root', () => {
  it.each([
    ['/usr/bin/../../home/x', { binDir: '/usr/bin/../../home/x' }],
    ['/usr/./bin', { binDir: '/usr/./bin' }],
    ['//evil', { binDir: '//evil' }],
    ['a program that lies beside', { binDir: 'evil' }],
    ['/etc/shadow', { confFile: '/etc/shadow' }],
    ['/etc/nix/../shadow', { confDir: '/etc/nix/..', confFile: '/etc/nix/../nix.conf' }],
    ['another folder’s nix.conf', { confFile: '/home/x/nix.conf' }],
    ['a group with a space', { socketGroup: 'nix users' }],
  ])('is refused before anybody is asked: %s', (_, odd) => {
    expect(codeOf(withNix(odd))).toBe('REMOTE_FACTS_ODD')
  })

  it.each(['root', 'sudo', 'wheel', 'shadow', 'docker', 'disk'])(
    'is refused where the builder’s user would be one of %s',
    (socketGroup) => {
      expect(codeOf(withNix({ socketGroup }))).toBe('REMOTE_GROUP_POWERFUL')
    },
  )

  it('is refused where somebody’s own folder is on the way to Nix', () => {
    const notRoots = '/home/admin belongs to admin'
    const found = withNix({ binDir: '/home/admin/.nix-profile/bin', notRoots })
    const result = plan(found)
    expect(result).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_NOT_ROOTS', facts: { reason: notRoots } },
    })
    expect(codeOf({ ...found, root: 'none', nix: { ...nix, ...found.nix, trustedUsers: ['admin'] } })).toBe(
      'none',
    )
  })

  it.each([
    ['/usr/bin', '/etc/nix', '/etc/nix/nix.conf'],
    ['/nix/var/nix/profiles/default/bin', '/etc/nix', '/etc/nix/nix.custom.conf'],
    ['/nix/var/nix/profiles/per-user/root/profile/bin', '/opt/nix/etc', '/opt/nix/etc/nix.conf'],
    ['/run/current-system/sw/bin', '/etc/nix', '/etc/nix/nix.conf'],
  ])('stands as it is where it is as installers make it: %s, %s', (binDir, confDir, confFile) => {
    const { parameters } = planned(withNix({ binDir, confDir, confFile, socketGroup: 'nix-users' }))
    expect(parameters).toMatchObject({ nix_bin: binDir, conf_file: confFile, socket_group: 'nix-users' })
  })

  it('never gets to root in another form than these, whatever it is', () => {
    const path = fc.oneof(
      anyText,
      fc
        .array(fc.constantFrom('..', '.', '', 'usr', 'bin', 'etc', 'nix', 'nix.conf', 'shadow', '~'))
        .map((parts) => `/${parts.join('/')}`),
    )
    const group = fc.oneof(anyText, fc.constantFrom('root', 'sudo', 'wheel', 'nix-users'))
    fc.assert(
      fc.property(path, path, path, group, fc.boolean(), (binDir, confDir, other, socketGroup, isIn) => {
        const confFile = isIn ? `${confDir}/nix.conf` : other
        const result = plan(withNix({ binDir, confDir, confFile, socketGroup }))
        if (!result.ok) return
        const { nix_bin, conf_file, socket_group } = result.value.parameters
        for (const whole of [nix_bin, conf_file]) {
          expect(whole).toMatch(/^(\/[A-Za-z0-9._+-]+)+$/)
          expect(whole.split('/')).not.toContain('..')
        }
        expect(conf_file).toMatch(/\/nix(\.custom)?\.conf$/)
        expect(['root', 'sudo', 'wheel']).not.toContain(socket_group)
      }),
      { numRuns: 2000 },
    )
  })

  it('is said where nobody but a person can restart the daemon, with the line that it has to read', () => {
    const found = withNix({ daemonManager: 'none' })
    expect(plan(found)).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_DAEMON_UNMANAGED', facts: { line: 'extra-trusted-users = nixremote' } },
    })
    expect(codeOf(withNix({ daemonManager: 'none', trustedUsers: ['root', 'nixremote'] }))).toBe('none')
    expect(codeOf({ ...found, fragment: ['extra-trusted-users = nixremote'] })).toBe('none')
    expect(codeOf(someFacts())).toBe('none')
  })
})
