import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Machines, openMachines } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
type Hosts = 'anna' | 'bare' | 'single'

describe.skipIf(!isRoot)('the far side (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<Hosts>

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder', bare: 'bare', single: 'single-user' })
  })

  afterAll(() => side?.close())

  describe('looking', () => {
    it.each([
      ['anna', 'easy', { root: 'sudo-free', nix: { kind: 'multi-user', daemonRunning: true } }],
      ['anna', 'admin', { root: 'sudo-password', user: 'admin' }],
      ['anna', 'plain', { root: 'sudo-unsure', uid: 1003 }],
      ['anna', 'root', { root: 'is-root', init: 'systemd', kernel: 'linux' }],
      ['single', 'solo', { root: 'sudo-unsure', nix: { kind: 'single-user', storeOwner: 'solo' } }],
    ] as const)('finds on %s as %s %o, and changes nothing', async (host, login, expected) => {
      const machine = await side.far(host, login)
      const before = await side.tree(host)
      const facts = await machine.inspect()
      expect(facts).toMatchObject({ ok: true, value: { hostName: host, ...expected } })
      if (facts.ok) expect(facts.value.speedScore).toBeGreaterThan(0)
      expect(await side.tree(host)).toEqual(before)
    })

    it('says that a machine has no Nix', async () => {
      const planned = await (await side.far('bare', 'easy')).plan(side.install)
      expect(planned).toMatchObject({ ok: false, failure: { code: 'REMOTE_WITHOUT_NIX' } })
    })

    it('tells what a start-up file prints from what it asked for, and goes on with a user of its own', async () => {
      const bashrc = '/home/easy/.bashrc'
      await side.fleet
        .host('anna')
        .writeFile(bashrc, 'echo Welcome, dear\nprintf "no end"\n', { owner: 'easy' })
      const planned = await (await side.far('anna', 'easy')).plan(side.install)
      const facts = await (await side.far('anna', 'easy')).inspect()
      await side.fleet.host('anna').must(['rm', bashrc])
      expect(facts).toMatchObject({ ok: true, value: { noise: 'Welcome, dear no end', hostName: 'anna' } })
      expect(planned).toMatchObject({ ok: true, value: { settings: { user: 'nixremote' } } })
    })

    it('counts on /dev/kvm only where the users that builds run as may open it', async () => {
      const host = side.fleet.host('anna')
      const plain = await side.far('anna', 'plain')
      const seen = async () => {
        const facts = await plain.inspect()
        return facts.ok && facts.value.kvm
      }
      await host.must(['mknod', '-m', '0660', '/dev/kvm', 'c', '10', '232'])
      expect(await seen()).toBe(false)
      await host.must(['chgrp', 'nixbld', '/dev/kvm'])
      expect(await seen()).toBe(true)
      await host.must(['chown', 'root:root', '/dev/kvm'])
      await host.must(['chmod', '0666', '/dev/kvm'])
      expect(await seen()).toBe(true)
      await host.must(['rm', '/dev/kvm'])
    })

    it('quotes the line at which Nix there stops', async () => {
      const anna = side.fleet.host('anna')
      const conf = await anna.readFile('/etc/nix/nix.conf')
      await anna.writeFile('/etc/nix/nix.conf', `${conf}max-jobs=4\n`)
      const planned = await (await side.far('anna', 'plain')).plan(side.install)
      await anna.writeFile('/etc/nix/nix.conf', conf)
      expect(planned).toMatchObject({ ok: false, failure: { code: 'REMOTE_NIX_CONF_BROKEN' } })
      expect(planned.ok || planned.failure.detail).toContain('max-jobs=4')
    })
  })

  describe('without root', () => {
    it('names the line that is missing where the login user is not trusted', async () => {
      await side.fleet.host('anna').must(['chmod', '0', '/usr/bin/sudo', '/usr/bin/su'])
      const planned = await (await side.far('anna', 'plain')).plan(side.install)
      await side.fleet.host('anna').must(['chmod', '4755', '/usr/bin/sudo', '/usr/bin/su'])
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_USER_NOT_TRUSTED', facts: { user: 'plain' } },
      })
    })

    it('uses a login user that is trusted already, in its own home alone', async () => {
      const host = side.fleet.host('anna')
      const conf = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', `${conf}trusted-users = root plain\n`)
      await host.restartDaemon()
      const before = await side.tree('anna')
      const plain = await side.far('anna', 'plain')
      const parameters = await plain.provision(side.install)
      expect(await side.buildOn('anna', 'plain', 'ssh-ng')).toBe('anna\n')
      expect(await plain.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await side.tree('anna')).toEqual(before)
      await host.writeFile('/etc/nix/nix.conf', conf)
      await host.restartDaemon()
    })

    it.each(['solo', 'easy'])('builds as the owner of a single-user store, set up by %s', async (login) => {
      const before = await side.tree('single')
      const machine = await side.far('single', login)
      const parameters = await machine.provision(side.install)
      expect(parameters).toMatchObject({ mode: 'own', user: 'solo' })
      expect(await side.buildOn('single', 'solo', 'ssh-ng')).toBe('single\n')
      const free = ['HOST', 'millwright-collect free']
      const { stdout } = await machine.withKey(side.install, 'collect', 'solo', free)
      expect(stdout).toMatch(/millwright-collect 1 paths=[1-9]\d* bytes=\d+ done\n$/)
      const after = await side.tree('single')
      await machine.provision(side.install)
      expect(await side.tree('single')).toEqual(after)
      expect(await machine.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await side.tree('single')).toEqual(before)
    })

    it('names the text that a start-up file would put into Nix’s conversation', async () => {
      const host = side.fleet.host('single')
      await host.writeFile('/home/solo/.bashrc', 'echo Hello\n', { owner: 'solo' })
      const planned = await (await side.far('single', 'solo')).plan(side.install)
      await host.must(['rm', '/home/solo/.bashrc'])
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_SHELL_NOISY', facts: { noise: 'Hello' } },
      })
    })

    it('wants the owner of a single-user store, or somebody who may become root', async () => {
      await side.fleet.host('single').must(['chmod', '0', '/usr/bin/sudo', '/usr/bin/su'])
      const planned = await (await side.far('single', 'plain')).plan(side.install)
      await side.fleet.host('single').must(['chmod', '4755', '/usr/bin/sudo', '/usr/bin/su'])
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_USER_UNFIT', facts: { owner: 'solo' } },
      })
    })
  })
})
