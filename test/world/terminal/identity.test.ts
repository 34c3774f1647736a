import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provisionScript } from '../../../core/scripts/script'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import type { Tree } from '../fleet/tree'
import { callHelper, installHelperOn } from '../kit/install-helper'
import { farMachine, newNonce, scripts } from '../kit/remote-kit'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root/.cache', '/root/.local'],
]
const paths = ['/etc', '/root', '/home', '/var/lib/millwright']
const record = (id: string) => `/root/.local/share/millwright/builders/${id}.json`
const keysFile = '/var/lib/millwright/home/.ssh/authorized_keys'

describe.skipIf(!isRoot)('a machine by its many names (needs root: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host
  let anna: Host
  let before: Tree
  const annaTree = () => anna.tree(paths, { exclude })
  const add = (address: string, user = 'root') =>
    millwright(client, `add ${address} --identity /tmp/key --trust-new-host-key --yes`, { user })

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    client = fleet.host('client')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    await client.writeFile('/home/dev/key', fleet.credentials.key.privateKey, { mode: '0600', owner: 'dev' })
    await client.must(['sh', '-c', `echo "${fleet.address('anna')} north.lan" >>/etc/hosts`])
    const config = 'Host anna south\n  HostName anna\n  User easy\n  IdentityFile /tmp/key\n'
    await client.writeFile('/root/.ssh/config', config, { mode: '0600' })
    before = await annaTree()
  })
  afterAll(() => fleet?.close())

  it('is added once', async () => {
    expect(await add('easy@anna')).toMatchObject({ code: 0, stderr: '' })
    expect(await anna.readFile(keysFile)).toMatch(/ millwright-anna millwright:[0-9a-f]{8}:build\n/)
  })

  it('is known again by its own name, an alias, another name of its address, and for another user', async () => {
    const there = await annaTree()
    const here = await client.tree(['/etc/nix', '/root'], { exclude })
    const ip = fleet.address('anna')
    for (const address of ['easy@anna', 'easy@north.lan', `easy@${ip}`, 'south', 'anna --name anna']) {
      const again = await add(address)
      expect(again.stderr).toContain('This is anna, a builder already')
      expect(again.stdout).toContain('✗ Look around')
      expect(again.code).toBe(1)
    }
    const command = 'add easy@north.lan --identity /home/dev/key --trust-new-host-key --yes'
    const others = await millwright(client, command, { user: 'dev' })
    expect(others.stderr).toMatch(/This is anna, a builder already\n.*another user of this computer did/)
    expect(await annaTree()).toEqual(there)
    expect(await client.tree(['/etc/nix', '/root'], { exclude })).toEqual(here)
  })

  it('is never this computer, by its name, its address or another port', async () => {
    await client.must(['sh', '-c', 'mkdir -p /run/sshd && ssh-keygen -A && /usr/sbin/sshd -p 2222'])
    for (const address of ['root@client', `root@${fleet.address('client')}`, 'root@client:2222']) {
      const self = await add(address)
      expect(self.stderr).toContain('is this computer')
      expect(self.code).toBe(2)
    }
  })

  it('keeps working when another entry for it, such as earlier versions made, is removed', async () => {
    const note = JSON.parse(await client.readFile(record('anna')))
    const [spec] = JSON.parse(await client.readFile('/etc/nix/millwright/current/state.json')).builders
    const { enabled: _, quarantined: __, buildKey: ___, ...builder } = spec
    const [hostKey = ''] = await client.hostKeys()
    const [type, key] = hostKey.split(' ')
    const entry = { ...builder, id: 'north', hostKeys: [{ type, key }] }
    const { publicKey = '' } = await callHelper(client, {
      ...{ op: 'put-builder', builder: entry, restartDaemon: 'always' },
    })
    // Root takes no second entry for a machine any more, but for one whose key was changed to that.
    await callHelper(client, { op: 'clear-quarantine', id: 'north', hostKeys: builder.hostKeys })
    const buildKey = publicKey.split(' ').slice(0, 2).join(' ')
    const parameters = { ...note.provision, builder: 'north' }
    const lines = { buildKey, ownsUntagged: false }
    const far = await farMachine(fleet, 'anna', 'easy')
    await far.run(provisionScript(scripts, parameters, lines, newNonce()), true)
    await client.writeFile(record('north'), JSON.stringify({ ...note, id: 'north', provision: parameters }))
    expect((await millwright(client, 'test north')).code).toBe(0)
    expect(await millwright(client, 'remove north --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await anna.readFile(keysFile)).not.toContain('millwright-north')
    expect((await millwright(client, 'test anna')).code).toBe(0)
  })

  it('is cleaned up by another user’s removal too, who has no note of it', async () => {
    const env = { XDG_DATA_HOME: '/tmp/other' }
    const removed = await millwright(client, 'remove anna --yes', { env })
    expect(removed).toMatchObject({ code: 0, stderr: '' })
    expect(await annaTree()).toEqual(before)
    // Whoever added it still has a note, which goes as quietly.
    expect(await millwright(client, 'remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await annaTree()).toEqual(before)
  })

  it('is listed as left behind where that user may not clean up, and goes once they may', async () => {
    expect((await add('easy@anna')).code).toBe(0)
    const env = { XDG_DATA_HOME: '/tmp/third' }
    await anna.must(['mv', '/etc/sudoers.d/easy', '/root/sudoers-easy'])
    // Whether sudo lets somebody is known only once it has a password.
    const input = `${fleet.credentials.passwords.easy}\n`
    const removed = await millwright(client, 'remove anna --yes --sudo-password-stdin', { env, input })
    expect(removed.stderr).toMatch(/Left behind: .*sed .* millwright-anna millwright:[0-9a-f]{8}:/)
    expect(removed.stderr).toContain('To try that again: millwright remove anna')
    expect(removed.code).toBe(1)
    await anna.must(['mv', '/root/sudoers-easy', '/etc/sudoers.d/easy'])
    expect(await millwright(client, 'remove anna --yes', { env })).toMatchObject({ code: 0, stderr: '' })
    expect(await annaTree()).toEqual(before)
  })

  it('is one builder when two add it at once, and nothing is left of the second', async () => {
    // Both have looked, and wait for root's lock, before either is entered.
    await client.must(['mkdir', '-p', '/run/millwright'])
    await client.start('holder', ['flock', '/run/millwright/lock', 'sleep', '300'])
    await until('the lock to be held', async () => (await client.sh('pgrep -x sleep')).code === 0)
    const options = '--identity /tmp/key --trust-new-host-key --yes --json'
    const both = ['easy@anna', 'easy@north.lan'].map((address) =>
      startMillwright(client, `add ${address} ${options}`),
    )
    await until('both at the lock', async () =>
      (await client.sh('pgrep -fc "^flock .*/run/millwright/lock cat"')).stdout.startsWith('2'),
    )
    await client.must(['pkill', '-x', 'sleep'])
    const ends = await Promise.all(both.map(({ ended }) => ended))
    const [won, lost] = ends.sort((a, b) => (a.code ?? 0) - (b.code ?? 0))
    expect(won).toMatchObject({ code: 0, last: { result: 'added' } })
    expect(lost).toMatchObject({ code: 1, last: { failure: { code: 'MACHINE_IS_BUILDER' }, leftBehind: [] } })
    const { stdout } = await millwright(client, 'list --json')
    const ids = (JSON.parse(stdout) as { builders: { id: string }[] }).builders.map(({ id }) => id)
    expect(ids).toHaveLength(1)
    expect(lost?.last.failure?.title).toBe(`This is ${ids[0]}, a builder already`)
    expect((await client.must(['ls', '/root/.local/share/millwright/builders'])).trim()).toBe(
      `${ids[0]}.json`,
    )
    expect((await client.must(['ls', '/etc/nix/millwright/keys'])).trim()).toBe(ids[0])
    expect(await millwright(client, `remove ${ids[0]} --yes`)).toMatchObject({ code: 0, stderr: '' })
    expect(await annaTree()).toEqual(before)
  })
})
