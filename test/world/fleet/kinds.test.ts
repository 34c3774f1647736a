import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derivation, thisSystem } from '../kit/derivation'
import type { HostKind } from './accounts'
import { type Fleet, openFleet } from './fleet'
import { hasLatestNix, hasNewerNix } from './images'

const isRoot = process.getuid?.() === 0

/** What each generation of Debian brings: the beginnings of the versions of Nix, OpenSSH and systemd. */
const generations = [
  ['builder', '2.8', 'OpenSSH_9.2', '252'],
  ...(hasNewerNix ? ([['builder-new', '2.26', 'OpenSSH_10.0', '257']] as const) : []),
  ...(hasLatestNix ? ([['builder-latest', '2.34', 'OpenSSH_10', '26']] as const) : []),
] as const
const withoutSystemd = [
  ['sysv', 'init'],
  ['no-manager', 'init'],
  ['busybox', 'init'],
] as const

describe.skipIf(!isRoot)('the kinds of host (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<string>

  beforeAll(async () => {
    const kinds: readonly HostKind[] = [...generations, ...withoutSystemd].map(([kind]) => kind)
    fleet = await openFleet<string>({
      hosts: { client: 'client', ...Object.fromEntries(kinds.map((kind) => [kind, kind])) },
    })
    const client = fleet.host('client')
    await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
    const known = kinds.map(async (kind) =>
      (await fleet.host(kind).hostKeys()).map((key) => `${kind} ${key}\n`).join(''),
    )
    await client.writeFile('/root/.ssh/known_hosts', (await Promise.all(known)).join(''))
  })

  afterAll(() => fleet?.close())

  /** Builds a new derivation from the client by one machine alone, and returns what is in its output. */
  async function buildOn(kind: HostKind): Promise<string> {
    const client = fleet.host('client')
    await client.writeFile('/etc/nix/machines', `ssh-ng://root@${kind} ${thisSystem} /root/key\n`)
    await client.writeFile('/tmp/kind.nix', derivation())
    const build = ['nix-build', '-j0', '--no-out-link', '/tmp/kind.nix']
    return await client.readFile((await client.must(build, { user: 'dev' })).trim())
  }

  it.each(generations)(
    '%s: Debian’s own services, of their generation, none of them failed',
    async (...row) => {
      const [kind, nix, openssh, systemd] = row
      const host = fleet.host(kind)
      expect(await host.must(['nix', '--version'])).toContain(` ${nix}`)
      expect((await host.exec(['ssh', '-V'])).stderr).toContain(openssh)
      expect(await host.must(['systemctl', '--version'])).toMatch(new RegExp(`^systemd ${systemd}`))
      expect(await host.must(['systemctl', 'is-system-running'])).toBe('running\n')
      expect(await host.must(['systemctl', 'is-active', 'ssh', 'nix-daemon.socket', 'systemd-logind'])).toBe(
        'active\nactive\nactive\n',
      )
      expect(await buildOn(kind)).toBe(`${kind}\n`)
    },
  )

  it.each(withoutSystemd)(
    '%s: no systemd, and a build all the same, also after a reboot',
    async (kind, init) => {
      const host = fleet.host(kind)
      expect(await host.readFile('/proc/1/comm')).toBe(`${init}\n`)
      expect((await host.sh('command -v systemctl')).stdout).toBe('')
      expect(await buildOn(kind)).toBe(`${kind}\n`)
      await host.restartDaemon()
      expect(await buildOn(kind)).toBe(`${kind}\n`)
      await host.reboot()
      expect(await buildOn(kind)).toBe(`${kind}\n`)
    },
  )

  it.each(withoutSystemd)('%s: stops and starts its sshd', async (kind) => {
    const host = fleet.host(kind)
    const reach = () => fleet.host('client').sh(`timeout 5 bash -c 'exec 3<>/dev/tcp/${kind}/22'`)
    await host.stopSshd()
    expect((await reach()).code).toBe(1)
    await host.startSshd()
    expect((await reach()).code).toBe(0)
  })

  it('busybox: nothing else to run than what makes it a builder', async () => {
    const host = fleet.host('busybox')
    const others = 'cd /usr/bin; for f in *; do [ "$(readlink "$f")" = busybox ] || echo "$f"; done'
    const names = (await host.sh(others, { user: 'plain' })).stdout.trim().split('\n')
    expect(names.filter((name) => !/^nix/.test(name))).toEqual([
      'busybox',
      'doas',
      'scp',
      'ssh-keygen',
      'sshd',
    ])
    expect((await host.exec(['doas', 'id', '-u'], { user: 'easy' })).stdout).toBe('0\n')
    expect((await host.exec(['doas', '-n', 'id', '-u'], { user: 'plain' })).code).not.toBe(0)
  })
})
