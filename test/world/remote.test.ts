import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derivation, thisSystem } from './derivation'
import { type Fleet, openFleet } from './fleet'
import { type FarMachine, farMachine, type Install, newInstall } from './remote-kit'

const isRoot = process.getuid?.() === 0

/** Where provisioning could leave anything. */
const watched = ['/etc', '/var/lib', '/home', '/root', '/nix/var/nix/profiles', '/nix/var/nix/gcroots']
/** Packages; the last edition that shadow(5) keeps of its files; the room Nix makes for everybody who builds. */
const caches = [
  '/var/lib/dpkg',
  '/var/lib/apt',
  ...['passwd-', 'shadow-', 'group-', 'gshadow-'].map((name) => `/etc/${name}`),
  ...['profiles', 'gcroots'].flatMap((kind) =>
    ['plain', 'solo'].map((user) => `/nix/var/nix/${kind}/per-user/${user}`),
  ),
  '/nix/var/nix/gcroots/auto',
]

type Hosts = 'client' | 'anna' | 'bare' | 'single'

describe.skipIf(!isRoot)('the far side (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<Hosts>
  let folder: string
  let install: Install
  const tree = (host: Hosts) => fleet.host(host).tree(watched, { exclude: caches })
  const far = (host: Hosts, login: string): Promise<FarMachine> => farMachine(fleet, host, login)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'far-side-'))
    fleet = await openFleet({
      hosts: { client: 'client', anna: 'builder', bare: 'bare', single: 'single-user' },
    })
    install = await newInstall(fleet, folder)
    // The first login of all records the host's key on the client; the first use of a store makes its folders.
    for (const host of ['anna', 'bare', 'single'] as const) await (await far(host, 'root')).inspect()
    await fleet.host('anna').must(['nix-store', '--verify'])
    await fleet.host('single').must(['nix-store', '--verify'], { user: 'solo' })
  })

  afterAll(async () => {
    await fleet?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  /** Builds a new derivation from the client by one machine alone and answers what is in its output. */
  async function buildOn(host: Hosts, user: string, protocol: string, keys = install.keys): Promise<string> {
    const client = fleet.host('client')
    const machine = `${protocol}://${user}@${fleet.address(host)} ${thisSystem} ${keys}/build`
    await client.writeFile('/etc/nix/machines', `${machine}\n`)
    await client.writeFile('/tmp/far.nix', derivation())
    const known = (await fleet.host(host).hostKeys()).map((key) => `${fleet.address(host)} ${key}\n`)
    await client.writeFile('/root/.ssh/known_hosts2', known.join(''), { mode: '0600' })
    const out = await client.must(['nix-build', '-j0', '--no-out-link', '/tmp/far.nix'], { user: 'dev' })
    return client.readFile(out.trim())
  }

  describe('looking', () => {
    it.each([
      ['anna', 'easy', { root: 'sudo-free', nix: { kind: 'multi-user', daemonRunning: true } }],
      ['anna', 'admin', { root: 'sudo-password', user: 'admin' }],
      ['anna', 'plain', { root: 'none', uid: 1003 }],
      ['anna', 'root', { root: 'is-root', init: 'systemd', kernel: 'linux' }],
      ['single', 'solo', { root: 'none', nix: { kind: 'single-user', storeOwner: 'solo' } }],
    ] as const)('finds on %s as %s %o, and changes nothing', async (host, login, expected) => {
      const machine = await far(host, login)
      const before = await tree(host)
      const facts = await machine.inspect()
      expect(facts).toMatchObject({ ok: true, value: { hostName: host, ...expected } })
      if (facts.ok) expect(facts.value.speedScore).toBeGreaterThan(0)
      expect(await tree(host)).toEqual(before)
    })

    it('says that a machine has no Nix', async () => {
      const planned = await (await far('bare', 'easy')).plan(install)
      expect(planned).toMatchObject({ ok: false, failure: { code: 'REMOTE_WITHOUT_NIX' } })
    })

    it('tells what a start-up file prints from what it asked for, and goes on with a user of its own', async () => {
      const bashrc = '/home/easy/.bashrc'
      await fleet.host('anna').writeFile(bashrc, 'echo Welcome, dear\nprintf "no end"\n', { owner: 'easy' })
      const planned = await (await far('anna', 'easy')).plan(install)
      const facts = await (await far('anna', 'easy')).inspect()
      await fleet.host('anna').must(['rm', bashrc])
      expect(facts).toMatchObject({ ok: true, value: { noise: 'Welcome, dear no end', hostName: 'anna' } })
      expect(planned).toMatchObject({ ok: true, value: { settings: { user: 'nixremote' } } })
    })

    it('counts on /dev/kvm only where the users that builds run as may open it', async () => {
      const host = fleet.host('anna')
      const plain = await far('anna', 'plain')
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
      const anna = fleet.host('anna')
      const conf = await anna.readFile('/etc/nix/nix.conf')
      await anna.writeFile('/etc/nix/nix.conf', `${conf}max-jobs=4\n`)
      const planned = await (await far('anna', 'plain')).plan(install)
      await anna.writeFile('/etc/nix/nix.conf', conf)
      expect(planned).toMatchObject({ ok: false, failure: { code: 'REMOTE_NIX_CONF_BROKEN' } })
      expect(planned.ok || planned.failure.detail).toContain('max-jobs=4')
    })
  })

  describe('a user of its own, made by root', () => {
    let before: Awaited<ReturnType<typeof tree>>
    let parameters: Awaited<ReturnType<FarMachine['provision']>>
    let anna: FarMachine

    beforeAll(async () => {
      anna = await far('anna', 'easy')
      before = await tree('anna')
      parameters = await anna.provision(install)
    })

    it.each(['ssh-ng', 'ssh'])('builds over %s for a person who is trusted nowhere', async (protocol) => {
      expect(await buildOn('anna', 'nixremote', protocol)).toBe('anna\n')
    })

    it('runs the probe for the monitor key, whatever is asked for', async () => {
      for (const asked of ['nix-daemon --stdio', 'id', '']) {
        const { stdout } = await anna.withKey(install, 'monitor', 'nixremote', ['HOST', asked])
        expect(stdout).toMatch(
          /^millwright-probe 1 boot=\S+ load1=[\d.]+ cpus=\d+ memory=\d+ memoryFree=\d+ store=\d+ storeFree=\d+ builds=\d+\n$/,
        )
      }
    })

    it.each([
      'id',
      'millwright-probe',
      'nix-daemon --stdio; id',
      'nix-store --serve --write --store /tmp',
      'nix-daemon  --stdio',
      "sh -c 'nix-daemon --stdio'",
      'internal-sftp',
      '',
    ])('refuses the build key “%s”', async (asked) => {
      const { code, stdout, stderr } = await anna.withKey(install, 'build', 'nixremote', ['HOST', asked])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('this key builds for Nix and does nothing else')
    })

    it('refuses sftp, a terminal and forwarding in both directions', async () => {
      const ssh = (...words: string[]) => anna.withKey(install, 'build', 'nixremote', words)
      // sshd keeps what a subsystem says on stderr to itself.
      expect(await ssh('-s', 'HOST', 'sftp')).toMatchObject({ code: 1, stdout: '' })
      expect((await ssh('-tt', 'HOST')).stderr).toContain('PTY allocation request failed')
      expect((await ssh('-W', '127.0.0.1:22', 'HOST')).stderr).toContain('prohibited')
      const back = ['-o', 'ExitOnForwardFailure=yes', '-N', '-R', '9022:127.0.0.1:22', 'HOST']
      expect((await ssh(...back)).stderr).toContain('remote port forwarding failed')
    })

    it('leaves nothing that the user of the builds could change', async () => {
      const find = 'find /var/lib/millwright ! -user root -o -perm /022 ! -type l'
      expect(await fleet.host('anna').must(['sh', '-c', find])).toBe('')
    })

    it('lets its keys in where sshd does without PAM, too', async () => {
      const host = fleet.host('anna')
      await host.writeFile('/etc/ssh/sshd_config.d/pam.conf', 'UsePAM no\n')
      await host.must(['systemctl', 'reload', 'ssh'])
      const { stdout } = await anna.withKey(install, 'monitor', 'nixremote', ['HOST'])
      await host.must(['rm', '/etc/ssh/sshd_config.d/pam.conf'])
      await host.must(['systemctl', 'reload', 'ssh'])
      expect(stdout).toContain('millwright-probe 1')
    })

    it('finds nothing to do the second time, and changes nothing when it runs all the same', async () => {
      const after = await tree('anna')
      const planned = await anna.plan(install)
      expect(planned).toMatchObject({ ok: true, value: { plan: { changes: [] }, parameters } })
      expect(await anna.tryProvision(install, parameters)).toEqual({
        ok: true,
        value: { left: [], kept: false },
      })
      expect(await tree('anna')).toEqual(after)
    })

    it('keeps what another installation needs until that one goes, too', async () => {
      const other = await newInstall(fleet, folder)
      const theirs = await anna.provision(other)
      const both = await tree('anna')
      await anna.provision(install)
      expect(await tree('anna')).toEqual(both)
      expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: true } })
      expect((await anna.withKey(install, 'monitor', 'nixremote', ['HOST'])).stderr).toContain(
        'Permission denied',
      )
      expect(await buildOn('anna', 'nixremote', 'ssh-ng', other.keys)).toBe('anna\n')
      expect(await anna.unprovision(theirs)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await tree('anna')).toEqual(before)
    })

    it('serves two installations that come and go at the same moment', async () => {
      const others = await Promise.all([newInstall(fleet, folder), newInstall(fleet, folder)])
      const theirs = await Promise.all(others.map((other) => anna.provision(other)))
      for (const other of others) {
        const { stdout } = await anna.withKey(other, 'monitor', 'nixremote', ['HOST'])
        expect(stdout).toContain('millwright-probe 1')
      }
      const gone = await Promise.all(theirs.map((one) => anna.unprovision(one)))
      expect(gone.map((outcome) => outcome.ok)).toEqual([true, true])
      expect(await tree('anna')).toEqual(before)
    })

    it('takes everything back once, and again with nothing left to take', async () => {
      await anna.provision(install)
      for (let times = 0; times < 2; times++) {
        expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
        expect(await tree('anna')).toEqual(before)
      }
    })

    it('gives back a nix.conf that ends without a newline, byte by byte', async () => {
      const host = fleet.host('anna')
      const conf = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', `${conf}# the end`)
      await anna.provision(install)
      await anna.unprovision(parameters)
      const after = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', conf)
      expect(after).toBe(`${conf}# the end`)
    })

    it('ends the connections that the user has when it goes', async () => {
      await anna.provision(install)
      const client = fleet.host('client')
      const ssh = ['ssh', '-i', `${install.keys}/build`, '-o', 'BatchMode=yes', 'nixremote@anna']
      await client.start('held', ['sh', '-c', 'sleep 60 | "$@"', 'sh', ...ssh, 'nix-daemon --stdio'])
      const sessions = ['pgrep', '-u', 'nixremote', '-f', 'nix-daemon --stdio']
      await expect.poll(async () => (await fleet.host('anna').exec(sessions)).code).toBe(0)
      expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await tree('anna')).toEqual(before)
    })

    it('leaves somebody else’s nixremote alone and calls its own millwright', async () => {
      const host = fleet.host('anna')
      await host.must(['useradd', '--system', '--home-dir', '/srv/nixremote', 'nixremote'])
      const withTheirs = await tree('anna')
      const ours = await anna.provision(install)
      expect(ours.user).toBe('millwright')
      expect(await buildOn('anna', 'millwright', 'ssh-ng')).toBe('anna\n')
      await anna.unprovision(ours)
      expect(await tree('anna')).toEqual(withTheirs)
      await host.must(['userdel', 'nixremote'])
    })

    it.each([
      ['AllowUsers root easy', 'AllowUsers does not name nixremote'],
      ['AllowGroups easy', 'AllowGroups does not name nixremote'],
      ['DenyUsers nix*', 'DenyUsers names nixremote'],
      ['AuthorizedKeysFile /etc/ssh/keys/%u', 'AuthorizedKeysFile leaves out .ssh/authorized_keys'],
    ])('stops before it begins where sshd says “%s”', async (line, reason) => {
      const conf = '/etc/ssh/sshd_config.d/rules.conf'
      await fleet.host('anna').writeFile(conf, `${line}\n`)
      const outcome = await anna.tryProvision(install, parameters)
      await fleet.host('anna').must(['rm', conf])
      expect(outcome).toEqual({ ok: false, failure: { code: 'REMOTE_SSHD_REFUSES', facts: { reason } } })
      expect(await tree('anna')).toEqual(before)
    })

    it('joins the group that the daemon’s socket is kept for', async () => {
      const host = fleet.host('anna')
      await host.must(['groupadd', '--system', 'nix-users'])
      const withGroup = await tree('anna')
      const socket = '/nix/var/nix/daemon-socket/socket'
      await host.must(['sh', '-c', `chgrp nix-users ${socket} && chmod 0660 ${socket}`])
      const planned = await anna.plan(install)
      expect(planned).toMatchObject({ ok: true, value: { parameters: { socket_group: 'nix-users' } } })
      if (!planned.ok) return
      await anna.tryProvision(install, planned.value.parameters)
      expect(await host.must(['id', '-Gn', 'nixremote'])).toContain('nix-users')
      await anna.unprovision(planned.value.parameters)
      expect(await tree('anna')).toEqual(withGroup)
      await host.must(['groupdel', 'nix-users'])
      await host.must(['chmod', '0666', socket])
    })
  })

  describe('interrupted', () => {
    const lines = ['check', 'scripts', 'user', 'trust', 'daemon', 'keys'].flatMap((step) => [
      `step ${step} start`,
      `step ${step} done`,
    ])

    it('is taken back wholly after a kill at any step, and goes on where it was killed', async () => {
      const anna = await far('anna', 'root')
      const before = await tree('anna')
      const parameters = await anna.provision(install)
      const whole = await tree('anna')
      await anna.unprovision(parameters)
      for (const line of lines) {
        const killed = await anna.tryProvision(install, parameters, new RegExp(line))
        expect(killed, line).toMatchObject({ ok: false, failure: { code: 'REMOTE_SCRIPT_FAILED' } })
        expect(await anna.unprovision(parameters), line).toMatchObject({ ok: true })
        expect(await tree('anna'), line).toEqual(before)
      }
      for (const line of lines) await anna.tryProvision(install, parameters, new RegExp(line))
      await anna.provision(install)
      expect(await tree('anna')).toEqual(whole)
      for (const line of ['keys', 'trust', 'daemon', 'user', 'files'].map((step) => `step ${step} start`)) {
        await anna.unprovision(parameters, new RegExp(line))
      }
      expect(await anna.unprovision(parameters)).toMatchObject({ ok: true })
      expect(await tree('anna')).toEqual(before)
    }, 120_000)

    it('says so before it begins when the disk is full', async () => {
      const [host, anna] = [fleet.host('anna'), await far('anna', 'root')]
      const before = await tree('anna')
      const planned = await anna.plan(install)
      if (!planned.ok) throw new Error(planned.failure.code)
      const mount = ['mount', '-t', 'tmpfs', '-o', 'size=512k,mode=0755', 'full', '/var/lib']
      await host.must(mount)
      const outcome = await anna.tryProvision(install, planned.value.parameters)
      await host.must(['umount', '/var/lib'])
      expect(outcome).toEqual({
        ok: false,
        failure: { code: 'REMOTE_DISK_FULL', facts: { path: '/var/lib' } },
      })
      expect(await tree('anna')).toEqual(before)
    })

    it('leaves no half-written file when the disk fills up halfway', async () => {
      const [host, anna] = [fleet.host('anna'), await far('anna', 'root')]
      const planned = await anna.plan(install)
      if (!planned.ok) throw new Error(planned.failure.code)
      const bin = '/var/lib/millwright/bin'
      await host.must(['mkdir', '-p', bin])
      await host.must(['mount', '-t', 'tmpfs', '-o', 'size=4k,mode=0755', 'full', bin]) // holds one page
      const outcome = await anna.tryProvision(install, planned.value.parameters)
      const found = await host.must(['ls', bin])
      await host.must(['umount', bin])
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'REMOTE_DISK_FULL' } })
      expect(found).toBe('millwright-serve\n')
      expect(await anna.unprovision(planned.value.parameters)).toMatchObject({ ok: true })
      expect((await host.exec(['test', '-e', '/var/lib/millwright'])).code).toBe(1)
    })
  })

  describe('without root', () => {
    it('names the line that is missing where the login user is not trusted', async () => {
      const planned = await (await far('anna', 'plain')).plan(install)
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_USER_NOT_TRUSTED', facts: { user: 'plain' } },
      })
    })

    it('uses a login user that is trusted already, in its own home alone', async () => {
      const host = fleet.host('anna')
      const conf = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', `${conf}trusted-users = root plain\n`)
      await host.restartDaemon()
      const before = await tree('anna')
      const plain = await far('anna', 'plain')
      const parameters = await plain.provision(install)
      expect(await buildOn('anna', 'plain', 'ssh-ng')).toBe('anna\n')
      expect(await plain.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await tree('anna')).toEqual(before)
      await host.writeFile('/etc/nix/nix.conf', conf)
      await host.restartDaemon()
    })

    it.each(['solo', 'easy'])('builds as the owner of a single-user store, set up by %s', async (login) => {
      const before = await tree('single')
      const machine = await far('single', login)
      const parameters = await machine.provision(install)
      expect(parameters).toMatchObject({ mode: 'own', user: 'solo' })
      expect(await buildOn('single', 'solo', 'ssh-ng')).toBe('single\n')
      const after = await tree('single')
      await machine.provision(install)
      expect(await tree('single')).toEqual(after)
      expect(await machine.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await tree('single')).toEqual(before)
    })

    it('names the text that a start-up file would put into Nix’s conversation', async () => {
      const host = fleet.host('single')
      await host.writeFile('/home/solo/.bashrc', 'echo Hello\n', { owner: 'solo' })
      const planned = await (await far('single', 'solo')).plan(install)
      await host.must(['rm', '/home/solo/.bashrc'])
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_SHELL_NOISY', facts: { noise: 'Hello' } },
      })
    })

    it('wants the owner of a single-user store, or somebody who may become root', async () => {
      const planned = await (await far('single', 'plain')).plan(install)
      expect(planned).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_USER_UNFIT', facts: { owner: 'solo' } },
      })
    })
  })
})
