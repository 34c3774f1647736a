import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', solo: 'single-user' } as const

const rules = '/etc/ssh/sshd_config.d/0-login.conf'
const sshd = (text: string) => `printf '${text}\\n' >${rules}; systemctl reload ssh; sleep 0.2`
const noSshd = `rm -f ${rules}; systemctl reload ssh; sleep 0.2`
const shut = (dir: string) => `mount --bind ${dir} ${dir} && mount -o remount,bind,noexec ${dir}`

interface Case {
  readonly what: string
  /** As whom, and where. */
  readonly login: string
  readonly happens: string
  readonly mended: string
  readonly code: RegExp
  /** What has to stand in the cause or in the detail. */
  readonly quotes: RegExp
}

const forUser = (text: string) => sshd(`Match User nixremote\\n${text}`)
const pamAccess = "sed -i '1i account required pam_access.so' /etc/pam.d/sshd"

/** What is in the way is said before anything is changed there. */
const beforeAdding: readonly Case[] = [
  {
    ...{ what: 'noexec /var/lib', login: 'easy@anna', happens: shut('/var/lib'), mended: 'umount /var/lib' },
    ...{ code: /^REMOTE_NOEXEC$/, quotes: /noexec/ },
  },
  {
    ...{
      what: 'a noexec home',
      login: 'solo@solo',
      happens: shut('/home/solo'),
      mended: 'umount /home/solo',
    },
    ...{ code: /^REMOTE_NOEXEC$/, quotes: /noexec/ },
  },
  {
    ...{ what: 'nologin(5)', login: 'root@anna', happens: 'echo "Back at six." >/run/nologin' },
    ...{ mended: 'rm /run/nologin', code: /^REMOTE_NOLOGIN$/, quotes: /“\/run\/nologin: Back at six\.”/ },
  },
  {
    ...{ what: 'pam_access', login: 'easy@anna', quotes: /“-:nixremote:ALL”/, code: /^REMOTE_SSHD_REFUSES$/ },
    happens: `${pamAccess}; echo '-:nixremote:ALL' >>/etc/security/access.conf`,
    mended: "sed -i 1d /etc/pam.d/sshd; sed -i '/^-:nixremote/d' /etc/security/access.conf",
  },
  ...[
    ['DenyUsers', sshd('DenyUsers nix*'), /“DenyUsers nix\*”/] as const,
    ['AllowGroups', sshd('AllowGroups easy sudo'), /“AllowGroups easy sudo”/] as const,
    [
      'keys that only a command tells',
      forUser('AuthorizedKeysFile none\\nAuthorizedKeysCommand /bin/true\\nAuthorizedKeysCommandUser nobody'),
      /“AuthorizedKeysFile none”/,
    ] as const,
    ['ChrootDirectory', forUser('ChrootDirectory /srv'), /“ChrootDirectory \/srv”/] as const,
  ].map(([what, happens, quotes]) => ({
    ...{ what, login: 'easy@anna', happens, mended: noSshd, code: /^REMOTE_SSHD_REFUSES$/, quotes },
  })),
  {
    ...{ what: 'a home that others may write', login: 'root@solo', code: /^REMOTE_SSHD_REFUSES$/ },
    ...{ happens: 'chmod g+w /home/solo', mended: 'chmod g-w /home/solo' },
    quotes: /“StrictModes yes” takes no key of solo while \/home\/solo can be changed by others/,
  },
  {
    ...{ what: 'a build user that has been let end', login: 'easy@anna', code: /^ACCOUNT_EXPIRED$/ },
    happens: 'useradd --system --home-dir /var/lib/millwright/home nixremote && chage -E 2 nixremote',
    ...{ mended: 'userdel nixremote', quotes: /the account nixremote ended \d+ days ago/ },
  },
  {
    ...{ what: 'a login that has ended', login: 'easy@anna', code: /^ANSWER_NEEDED$/ },
    ...{ happens: 'chage -E 0 easy', mended: 'chage -E -1 easy', quotes: /Which password opens the login/ },
  },
]

/** Of a builder that was added, what its own words say, or nothing but that it hung up. */
const whenTested: readonly Omit<Case, 'login'>[] = [
  {
    ...{ what: 'a password that has to be changed', happens: 'chage -d 0 nixremote' },
    ...{ mended: 'chage -d 20000 nixremote', code: /^ACCOUNT_EXPIRED$/, quotes: /password/i },
  },
  {
    ...{ what: 'a locked account, without PAM', happens: `usermod -L nixremote; ${sshd('UsePAM no')}` },
    ...{ mended: `usermod -p '*' nixremote; ${noSshd}`, code: /^LOGIN_REFUSED$/ },
    quotes: /Permission denied \(/,
  },
  {
    ...{ what: 'keys that others may write', happens: 'chmod g+w /var/lib/millwright/home' },
    ...{ mended: 'chmod g-w /var/lib/millwright/home', code: /^LOGIN_REFUSED$/ },
    quotes: /Permission denied \(/,
  },
  {
    ...{ what: 'noexec /var/lib', happens: shut('/var/lib'), mended: 'umount /var/lib' },
    ...{ code: /^UNEXPLAINED$/, quotes: /“sh: \d+: .*millwright-serve: Permission denied”/ },
  },
]

describe.skipIf(!isRoot)(
  'what keeps logins of builds out (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host

    const told = async (line: string) => {
      const { stdout, stderr } = await millwright(client, `${line} --json`)
      const { failure } = JSON.parse(stdout.trim().split('\n').at(-1) || '{}')
      return failure ?? { code: stderr }
    }
    const add = (login: string) => `add ${login} --identity /tmp/key --trust-new-host-key --yes`
    const expectSaid = (failure: Record<string, string>, { code, quotes }: Pick<Case, 'code' | 'quotes'>) => {
      expect(failure.code).toMatch(code)
      expect(`${failure.cause}\n${failure.detail}`).toMatch(quotes)
      expect(`${failure.cause} ${failure.remedy}`).not.toMatch(/asleep|trusted-users|ssh-keygen -R/)
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      for (const name of ['anna', 'solo'] as const) {
        await fleet.host(name).must(['mkdir', '-p', '-m', '700', '/root/.ssh'])
        const keys = `${fleet.credentials.key.publicKey}\n`
        await fleet.host(name).writeFile('/root/.ssh/authorized_keys', keys, { mode: '0600' })
      }
    }, 120_000)

    afterAll(() => fleet?.close())

    it.each(beforeAdding)('is said before anything is changed: $what', async (found) => {
      const host = fleet.host(found.login.endsWith('solo') ? 'solo' : 'anna')
      await host.must(['bash', '-c', found.happens])
      const failure = await told(add(found.login))
      await host.must(['bash', '-c', found.mended])
      expectSaid(failure, found)
      const { stdout } = await host.sh('ls -d /var/lib/millwright /home/*/.local; grep nixremote /etc/passwd')
      expect(stdout).toBe('')
    })

    it('is nothing that sshd sets for terminals, forwarding and environments, nor what new accounts end by', async () => {
      const anna = fleet.host('anna')
      const settings = 'PermitTTY no\\nDisableForwarding yes\\nPermitUserEnvironment yes\\nMaxSessions 1'
      const ends = 'cp /etc/default/useradd /tmp/useradd; echo EXPIRE=2020-01-01 >>/etc/default/useradd'
      await anna.must(['bash', '-c', `${sshd(settings)}; ${ends}`])
      const added = await millwright(client, add('easy@anna'))
      await anna.must(['bash', '-c', `${noSshd}; cp /tmp/useradd /etc/default/useradd`])
      expect(added).toMatchObject({ code: 0, stderr: '' })
    })

    it.each(whenTested)('is said as what it is when a builder is tested: $what', async (found) => {
      const anna = fleet.host('anna')
      await anna.must(['bash', '-c', found.happens])
      const failure = await told('test anna')
      await anna.must(['bash', '-c', found.mended])
      expectSaid(failure, found)
    })
  },
)
