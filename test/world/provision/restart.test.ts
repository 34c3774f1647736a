import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'
import { until } from '../fleet/process'
import type { Tree } from '../fleet/tree'
import { installHelperOn } from '../kit/install-helper'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', sven: 'sysv', nora: 'no-manager', anna: 'builder' } as const
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root/.cache', '/root/.local'],
]
const paths = ['/etc', '/root', '/home', '/var/lib/millwright']
/** Root is let in on hosts of every kind. */
const add = (name: string) => `add root@${name} --identity /tmp/key --trust-new-host-key --yes --json`
const trust = 'extra-trusted-users = nixremote'

/** A restart as many a script does it: a stop, a while without a daemon, a start. */
const slowRestart = `sed -i 's/^restart | force-reload) .*/restart | force-reload) stop; sleep 3; start ;;/' /etc/init.d/nix-daemon`
const ping = ['nix', '--extra-experimental-features', 'nix-command', 'store', 'ping', '--store', 'daemon']

describe.skipIf(!isRoot)('the daemon of a builder (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let sven: Host
  let nora: Host
  let anna: Host
  let script: string
  const before = new Map<Host, Tree>()

  const treeOf = (host: Host) => host.tree(paths, { exclude })
  const answers = async (host: Host) => (await host.exec(ping)).code === 0
  const isDown = async (host: Host) => (await host.exec(['pgrep', '-x', 'nix-daemon', '-P', '1'])).code !== 0

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    sven = fleet.host('sven')
    nora = fleet.host('nora')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    script = await sven.readFile('/etc/init.d/nix-daemon')
    for (const host of [client, sven, nora, anna]) before.set(host, await treeOf(host))
  })

  afterEach(async () => {
    await sven.writeFile('/etc/init.d/nix-daemon', script, { mode: '0755' })
    for (const [host, tree] of before) expect(await treeOf(host), host.name).toEqual(tree)
  })

  afterAll(() => fleet?.close())

  it('comes back by itself when whoever restarts it is killed in the middle, and adding again and removing go on', async () => {
    await sven.must(['sh', '-c', slowRestart])
    for (const next of ['add', 'remove']) {
      const adding = startMillwright(client, add('sven'))
      await adding.reached('provision', 'running')
      await until('the daemon is down', () => isDown(sven))
      await client.must(['pkill', '-KILL', '-f', 'main/cli.js add'])
      await adding.ended
      if (next === 'add') {
        await until('it is back by itself', () => answers(sven))
        await sven.must(['service', 'nix-daemon', 'stop']) // as after a loss of power instead
        const { last } = await startMillwright(client, add('sven')).ended
        expect(last).toMatchObject({ result: 'added', proof: { builtOn: 'sven' } })
      }
      expect(await millwright(client, 'remove sven --yes')).toMatchObject({ code: 0 })
      expect(await answers(sven)).toBe(true)
    }
  }, 120_000)

  it('is started by removing where a restart left it down', async () => {
    expect((await startMillwright(client, add('sven')).ended).last.result).toBe('added')
    await sven.writeFile('/var/lib/millwright/restart', 'ran\n')
    await sven.must(['service', 'nix-daemon', 'stop'])
    expect(await millwright(client, 'remove sven --yes')).toMatchObject({ code: 0 })
    expect(await answers(sven)).toBe(true)
  })

  it('is said to be down before anything is made, with the command that starts it', async () => {
    await sven.must(['service', 'nix-daemon', 'stop'])
    const { last } = await startMillwright(client, add('sven')).ended
    await sven.must(['service', 'nix-daemon', 'start'])
    expect(last.failure).toMatchObject({
      code: 'REMOTE_DAEMON_DOWN',
      title: 'The Nix daemon on sven does not run',
      remedy: expect.stringContaining('/etc/init.d/nix-daemon start'),
    })
    expect(last.leftBehind).toEqual([])
  })

  it('that nobody can restart is found before anything is made, and is a builder’s once a person has', async () => {
    const { last } = await startMillwright(client, add('nora')).ended
    expect(last.failure).toMatchObject({
      code: 'REMOTE_DAEMON_UNMANAGED',
      remedy: expect.stringContaining(trust),
    })
    expect(await treeOf(nora)).toEqual(before.get(nora))
    const conf = await nora.readFile('/etc/nix/nix.conf')
    await nora.writeFile('/etc/nix/nix.conf', `${conf}${trust}\n`)
    await nora.restartDaemon()
    expect((await startMillwright(client, add('nora')).ended).last.result).toBe('added')
    expect(await millwright(client, 'remove nora --yes')).toMatchObject({ code: 0 })
    await nora.writeFile('/etc/nix/nix.conf', conf)
    await nora.restartDaemon()
  })

  it('that nobody can restart any more keeps no builder from being removed', async () => {
    const restart = 'service-by-hand stop nix-daemon; sleep 0.5; service-by-hand start nix-daemon'
    await nora.writeFile('/etc/init.d/nix-daemon', `#!/bin/sh\n${restart}\n`, { mode: '0755' })
    expect((await startMillwright(client, add('nora')).ended).last.result).toBe('added')
    await nora.must(['rm', '/etc/init.d/nix-daemon'])
    const removed = await millwright(client, 'remove nora --yes')
    expect(removed.stderr).toContain('Restart it there.')
    await nora.restartDaemon()
  })

  it('that systemd will not start any more, after too many starts, is started all the same', async () => {
    const units = ['nix-daemon.socket', 'nix-daemon.service']
    await anna.sh('for round in 1 2 3 4 5 6 7 8; do systemctl restart nix-daemon.service; done')
    await anna.must(['systemctl', 'stop', 'nix-daemon.socket'])
    expect((await anna.exec(['systemctl', 'is-failed', ...units])).stdout).toContain('failed')
    expect(await answers(anna)).toBe(false)
    expect((await startMillwright(client, add('anna')).ended).last.result).toBe('added')
    expect(await millwright(client, 'remove anna --yes')).toMatchObject({ code: 0 })
    expect(await answers(anna)).toBe(true)
  })

  it.each(['add', 'remove'])(
    'has its builder whole or not at all where the terminal is closed during %s',
    async (verb) => {
      if (verb === 'remove')
        expect((await startMillwright(client, add('sven')).ended).last.result).toBe('added')
      const line = verb === 'add' ? add('sven').replace(' --json', '') : 'remove sven --yes'
      await client.start('terminal', [
        'script',
        '-q',
        '-c',
        `${nodeOnHost} ${projectOnHost}/out/main/cli.js ${line}`,
        '/dev/null',
      ])
      const begun =
        verb === 'add'
          ? 'test -e /var/lib/millwright/bin'
          : '! grep -q nixremote /etc/nix/nix.conf /var/lib/millwright/nix.conf'
      await until('it has begun', async () => (await sven.sh(begun)).code === 0, 30_000)
      await client.must(['pkill', '-KILL', '-x', 'script'])
      await until(
        'it has ended',
        async () => (await client.exec(['pgrep', '-f', `main/cli.js ${verb}`])).code !== 0,
        60_000,
      )
      if (verb === 'remove') await millwright(client, 'remove sven --yes')
      expect(await answers(sven)).toBe(true)
    },
  )
})
