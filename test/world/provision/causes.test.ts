import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', solo: 'client' } as const

interface Told {
  readonly code: string
  readonly title: string
  readonly cause: string
  readonly remedy: string
  readonly detail: string
}

interface Case {
  readonly what: string
  readonly happens: string
  readonly mended: string
  readonly code: string
  /** What has to stand in the cause. */
  readonly quotes?: RegExp
}

const sshd = (line: string) =>
  `echo '${line}' >/etc/ssh/sshd_config.d/0-cause.conf; systemctl reload ssh; sleep 0.2`
const noSshd = 'rm -f /etc/ssh/sshd_config.d/0-cause.conf; systemctl reload ssh; sleep 0.2'
const conf = (line: string) =>
  `cp -p /etc/nix/nix.conf /tmp/nix.conf; echo '${line}' >>/etc/nix/nix.conf; systemctl reset-failed nix-daemon.service; systemctl restart nix-daemon.service`
const noConf =
  'mv /tmp/nix.conf /etc/nix/nix.conf; systemctl reset-failed nix-daemon.service; systemctl restart nix-daemon.service'

const onBuilder: readonly Case[] = [
  {
    what: 'a stopped Nix daemon',
    happens: 'systemctl stop nix-daemon.socket nix-daemon.service',
    mended: 'systemctl start nix-daemon.socket',
    code: 'REMOTE_DAEMON_DOWN',
    quotes: /cannot connect to socket/,
  },
  {
    what: 'logins closed by systemd',
    happens:
      'echo \'"System is going down. Unprivileged users are not permitted to log in anymore. For technical details, see pam_nologin(8)."\' >/run/nologin',
    mended: 'rm /run/nologin',
    code: 'LOGINS_CLOSED',
    quotes: /System is going down/,
  },
  {
    what: 'logins closed in words of its own',
    happens: 'echo "Back at six. Permission denied (publickey)." >/etc/nologin',
    mended: 'rm /etc/nologin',
    code: 'SSH_HUNG_UP',
    quotes: /Connection closed by/,
  },
  {
    what: 'pam_access',
    happens:
      "sed -i '1i account required pam_access.so' /etc/pam.d/sshd; echo '-:nixremote:ALL' >>/etc/security/access.conf",
    mended: "sed -i 1d /etc/pam.d/sshd; sed -i '/^-:nixremote/d' /etc/security/access.conf",
    code: 'SSH_HUNG_UP',
    quotes: /Connection closed by/,
  },
  {
    what: 'an SSH server that wants a password too',
    happens: sshd('AuthenticationMethods publickey,password'),
    mended: noSshd,
    code: 'LOGIN_REFUSED',
    quotes: /key that Millwright made for builds.*nixremote@.*Permission denied \(password\)/,
  },
  {
    what: 'no cipher in common',
    happens: sshd('Ciphers aes256-cbc'),
    mended: noSshd,
    code: 'NO_COMMON_ALGORITHM',
    quotes: /aes256-cbc/,
  },
  {
    what: 'a shell that is shut',
    happens: 'usermod -s /usr/sbin/nologin nixremote',
    mended: 'usermod -s /bin/sh nixremote',
    code: 'LOGIN_SHELL_SHUT',
  },
  {
    what: 'an account that has expired',
    happens: 'chage -E 1 nixremote',
    mended: 'chage -E -1 nixremote',
    code: 'ACCOUNT_EXPIRED',
    quotes: /account has expired/,
  },
  {
    what: 'a Nix that is gone',
    happens: 'mkdir -p /opt/aside && mv /usr/bin/nix* /opt/aside/',
    mended: 'mv /opt/aside/nix* /usr/bin/',
    code: 'REMOTE_NIX_GONE',
  },
  {
    what: 'max-jobs = 0 there',
    happens: conf('max-jobs = 0'),
    mended: noConf,
    code: 'REMOTE_JOBS_ZERO',
    quotes: /unable to start any build/,
  },
  {
    what: 'a line that Nix there does not take',
    happens: 'cp -p /etc/nix/nix.conf /tmp/nix.conf; echo "max-jobs=4" >>/etc/nix/nix.conf',
    mended: 'mv /tmp/nix.conf /etc/nix/nix.conf',
    code: 'REMOTE_NIX_CONF_BROKEN',
  },
  {
    what: 'a group of build users without members',
    happens: conf('build-users-group = games'),
    mended: noConf,
    code: 'REMOTE_WITHOUT_BUILD_USERS',
    quotes: /has no members/,
  },
  {
    what: 'an SSH server that does not run',
    happens: 'systemctl stop ssh',
    mended: 'systemctl start ssh',
    code: 'CONNECTION_REFUSED',
  },
]

const daemonEnvironment = '/run/systemd/system/nix-daemon.service.d/cause.conf'

describe.skipIf(!isRoot)('causes (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let anna: Host
  let solo: Host

  const told = async (host: Host, line: string): Promise<Told> => {
    const { stdout } = await millwright(host, `${line} --json`)
    const document = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
    return document.failure
  }
  const add = 'add easy@anna --identity /tmp/key --trust-new-host-key --yes'

  beforeAll(async () => {
    fleet = await openFleet({ hosts, diskMiB: 700 })
    client = fleet.host('client')
    anna = fleet.host('anna')
    solo = fleet.host('solo')
    for (const host of [client, solo]) {
      expect((await installHelperOn(host)).code).toBe(0)
      await host.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    }
    expect(await millwright(client, add)).toMatchObject({ code: 0 })
  })

  afterAll(() => fleet?.close())

  describe('of a builder that is set up', () => {
    it.each(onBuilder)('tells $what as what it is', async ({ happens, mended, code, quotes }) => {
      await anna.must(['bash', '-c', happens])
      const failure = await told(client, 'test anna')
      await anna.must(['bash', '-c', mended])
      expect(failure).toMatchObject({ code })
      expect(failure.cause).toMatch(quotes ?? /./)
      expect(`${failure.cause} ${failure.remedy}`).not.toMatch(/asleep|trusted-users|ssh-keygen -R/)
    })

    it('names ssh options in the environment of this computer’s daemon', async () => {
      await client.writeFile(daemonEnvironment, '[Service]\nEnvironment="NIX_SSHOPTS=-p 2222"\n')
      const restart = 'systemctl daemon-reload; systemctl restart nix-daemon.service'
      await client.must(['sh', '-c', restart])
      const failure = await told(client, 'test anna')
      await client.must(['sh', '-c', `rm ${daemonEnvironment}; ${restart}`])
      expect(failure).toMatchObject({ code: 'DAEMON_SSH_OPTIONS' })
      expect(failure.cause).toContain('NIX_SSHOPTS=-p 2222')
    })

    it('says nothing of all that once it is put right', async () => {
      expect(await millwright(client, 'test anna')).toMatchObject({ code: 0 })
    })
  })

  describe('of this computer', () => {
    it.each([
      [
        'a stopped daemon that took its socket along',
        'systemctl stop nix-daemon.socket nix-daemon.service; rm -f /nix/var/nix/daemon-socket/socket',
        'systemctl start nix-daemon.socket',
        'LOCAL_DAEMON_DOWN',
      ],
      [
        'no ssh program',
        'mv /usr/bin/ssh /usr/bin/ssh-keygen /opt/',
        'mv /opt/ssh /opt/ssh-keygen /usr/bin/',
        'LOCAL_WITHOUT_SSH',
      ],
      [
        'an SSH configuration of root’s that others may write',
        'mkdir -p -m 0700 /root/.ssh; touch /root/.ssh/config; chmod 0664 /root/.ssh/config',
        'rm /root/.ssh/config',
        'ROOT_FILE_UNSAFE',
      ],
      [
        'a lost include',
        'cp -p /etc/nix/nix.conf /tmp/nix.conf; echo "include lost.conf" >>/etc/nix/nix.conf',
        'mv /tmp/nix.conf /etc/nix/nix.conf',
        'LOCAL_NIX_CONF_BROKEN',
      ],
    ])('tells %s as what it is', async (_, happens, mended, code) => {
      await solo.must(['bash', '-c', happens])
      const failure = await told(solo, add)
      await solo.must(['bash', '-c', mended])
      expect(failure).toMatchObject({ code })
      expect(failure.title).not.toMatch(/NixOS|helper could have been changed/)
    })
  })
})
