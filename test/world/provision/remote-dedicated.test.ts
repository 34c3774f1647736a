import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseProbe } from '../../../core/health/probe-line'
import { type KitMachine, type Machines, openMachines } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
type Hosts = 'anna'

describe.skipIf(!isRoot)('the far side (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<Hosts>

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder' })
  })

  afterAll(() => side?.close())

  describe('a user of its own, made by root', () => {
    let before: Awaited<ReturnType<Machines<Hosts>['tree']>>
    let parameters: Awaited<ReturnType<KitMachine['provision']>>
    let anna: KitMachine

    beforeAll(async () => {
      anna = await side.far('anna', 'easy')
      before = await side.tree('anna')
      parameters = await anna.provision(side.install)
    })

    it.each(['ssh-ng', 'ssh'])('builds over %s for a person who is trusted nowhere', async (protocol) => {
      expect(await side.buildOn('anna', 'nixremote', protocol)).toBe('anna\n')
    })

    it('runs the probe for the monitor key, whatever is asked for', async () => {
      for (const asked of ['nix-daemon --stdio', 'id', '']) {
        const { stdout } = await anna.withKey(side.install, 'monitor', 'nixremote', ['HOST', asked], 'id\n')
        const [hello = '', sample = '', ...rest] = stdout.split('\n')
        expect([hello, rest]).toEqual(['millwright-probe 2', ['']])
        expect(parseProbe(sample)).toMatchObject({ buildNames: [], builds: 0 })
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
      const { code, stdout, stderr } = await anna.withKey(side.install, 'build', 'nixremote', ['HOST', asked])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('this key builds for Nix and does nothing else')
    })

    it('lets the key that frees space count and free', async () => {
      for (const act of ['count', 'free']) {
        const asked = ['HOST', `millwright-collect ${act}`]
        const { code, stdout } = await anna.withKey(side.install, 'collect', 'nixremote', asked)
        expect(code).toBe(0)
        expect(stdout).toMatch(
          /^(millwright-collect 1 paths=\d+ bytes=\d+\n)*millwright-collect 1 .+ done\n$/,
        )
      }
    })

    it.each([
      'id',
      'millwright-probe',
      'nix-daemon --stdio',
      'nix-store --serve --write',
      'nix-store --gc',
      'millwright-collect',
      'millwright-collect  free',
      'millwright-collect free; id',
      'millwright-collect free --option keep-going true',
      'internal-sftp',
      '',
    ])('refuses the key that frees space “%s”', async (asked) => {
      const answer = await anna.withKey(side.install, 'collect', 'nixremote', ['HOST', asked])
      expect({ code: answer.code, stdout: answer.stdout }).toEqual({ code: 1, stdout: '' })
      expect(answer.stderr).toContain('this key frees space in the Nix store and does nothing else')
    })

    it.each(['build', 'collect'] as const)(
      'refuses sftp, a terminal and forwarding in both directions: %s',
      async (role) => {
        const ssh = (...words: string[]) => anna.withKey(side.install, role, 'nixremote', words)
        // sshd keeps what a subsystem says on stderr to itself.
        expect(await ssh('-s', 'HOST', 'sftp')).toMatchObject({ code: 1, stdout: '' })
        expect((await ssh('-tt', 'HOST')).stderr).toContain('PTY allocation request failed')
        expect((await ssh('-W', '127.0.0.1:22', 'HOST')).stderr).toContain('prohibited')
        const back = ['-o', 'ExitOnForwardFailure=yes', '-N', '-R', '9022:127.0.0.1:22', 'HOST']
        expect((await ssh(...back)).stderr).toContain('remote port forwarding failed')
      },
    )

    it('leaves nothing that the user of the builds could change', async () => {
      const find = 'find /var/lib/millwright ! -user root -o -perm /022 ! -type l'
      expect(await side.fleet.host('anna').must(['sh', '-c', find])).toBe('')
    })

    it('lets its keys in where sshd does without PAM, too', async () => {
      const host = side.fleet.host('anna')
      await host.writeFile('/etc/ssh/sshd_config.d/pam.conf', 'UsePAM no\n')
      await host.must(['systemctl', 'reload', 'ssh'])
      const { stdout } = await anna.withKey(side.install, 'monitor', 'nixremote', ['HOST'])
      await host.must(['rm', '/etc/ssh/sshd_config.d/pam.conf'])
      await host.must(['systemctl', 'reload', 'ssh'])
      expect(stdout).toContain('millwright-probe 2')
    })

    it('finds nothing to do the second time, and changes nothing when it runs all the same', async () => {
      const after = await side.tree('anna')
      const planned = await anna.plan(side.install)
      expect(planned).toMatchObject({ ok: true, value: { plan: { changes: [] }, parameters } })
      expect(await anna.tryProvision(side.install, parameters)).toEqual({
        ok: true,
        value: { left: [], kept: false },
      })
      expect(await side.tree('anna')).toEqual(after)
    })

    it('keeps what another installation needs until that one goes, too', async () => {
      const other = await side.newInstall()
      const theirs = await anna.provision(other)
      const both = await side.tree('anna')
      await anna.provision(side.install)
      expect(await side.tree('anna')).toEqual(both)
      expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: true } })
      expect((await anna.withKey(side.install, 'monitor', 'nixremote', ['HOST'])).stderr).toContain(
        'Permission denied',
      )
      expect(await side.buildOn('anna', 'nixremote', 'ssh-ng', other.keys)).toBe('anna\n')
      expect(await anna.unprovision(theirs)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await side.tree('anna')).toEqual(before)
    })

    it('serves two installations that come and go at the same moment', async () => {
      const others = await Promise.all([side.newInstall(), side.newInstall()])
      const theirs = await Promise.all(others.map((other) => anna.provision(other)))
      for (const other of others) {
        const { stdout } = await anna.withKey(other, 'monitor', 'nixremote', ['HOST'])
        expect(stdout).toContain('millwright-probe 2')
      }
      const gone = await Promise.all(theirs.map((one) => anna.unprovision(one)))
      expect(gone.map((outcome) => outcome.ok)).toEqual([true, true])
      expect(await side.tree('anna')).toEqual(before)
    })

    it('takes everything back once, and again with nothing left to take', async () => {
      await anna.provision(side.install)
      for (let times = 0; times < 2; times++) {
        expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
        expect(await side.tree('anna')).toEqual(before)
      }
    })

    it('gives back a nix.conf that ends without a newline, byte by byte', async () => {
      const host = side.fleet.host('anna')
      const conf = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', `${conf}# the end`)
      await anna.provision(side.install)
      await anna.unprovision(parameters)
      const after = await host.readFile('/etc/nix/nix.conf')
      await host.writeFile('/etc/nix/nix.conf', conf)
      expect(after).toBe(`${conf}# the end`)
    })

    it('ends the connections that the user has when it goes', async () => {
      await anna.provision(side.install)
      const client = side.fleet.host('client')
      const ssh = ['ssh', '-i', `${side.install.keys}/build`, '-o', 'BatchMode=yes', 'nixremote@anna']
      await client.start('held', ['sh', '-c', 'sleep 60 | "$@"', 'sh', ...ssh, 'nix-daemon --stdio'])
      const sessions = ['pgrep', '-u', 'nixremote', '-f', 'nix-daemon --stdio']
      await expect.poll(async () => (await side.fleet.host('anna').exec(sessions)).code).toBe(0)
      expect(await anna.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
      expect(await side.tree('anna')).toEqual(before)
    })

    it('leaves somebody else’s nixremote alone and calls its own millwright', async () => {
      const host = side.fleet.host('anna')
      await host.must(['useradd', '--system', '--home-dir', '/srv/nixremote', 'nixremote'])
      const withTheirs = await side.tree('anna')
      const ours = await anna.provision(side.install)
      expect(ours.user).toBe('millwright')
      expect(await side.buildOn('anna', 'millwright', 'ssh-ng')).toBe('anna\n')
      await anna.unprovision(ours)
      expect(await side.tree('anna')).toEqual(withTheirs)
      await host.must(['userdel', 'nixremote'])
    })

    it.each([
      ['AllowUsers root easy', 'does not name nixremote from 10.213.'],
      ['AllowGroups easy', 'names no group of nixremote'],
      ['DenyUsers nix*', 'names nixremote'],
      ['AuthorizedKeysFile /etc/ssh/keys/%u', 'leaves out /var/lib/millwright/home/.ssh/authorized_keys'],
    ])('stops before it begins where sshd says “%s”', async (line, reason) => {
      const conf = '/etc/ssh/sshd_config.d/rules.conf'
      await side.fleet.host('anna').writeFile(conf, `${line}\n`)
      const planned = await anna.plan(side.install)
      await side.fleet.host('anna').must(['rm', conf])
      expect(planned).toMatchObject({
        ok: false,
        failure: {
          code: 'REMOTE_SSHD_REFUSES',
          facts: { reason: expect.stringContaining(`“${line}” ${reason}`) },
        },
      })
      expect(await side.tree('anna')).toEqual(before)
    })

    it('joins the group that the daemon’s socket is kept for, as on Debian', async () => {
      const planned = await anna.plan(side.install)
      expect(planned).toMatchObject({ ok: true, value: { parameters: { socket_group: 'nix-users' } } })
      if (!planned.ok) return
      await anna.tryProvision(side.install, planned.value.parameters)
      expect(await side.fleet.host('anna').must(['id', '-Gn', 'nixremote'])).toContain('nix-users')
      await anna.unprovision(planned.value.parameters)
      expect(await side.tree('anna')).toEqual(before)
    })
  })
})
