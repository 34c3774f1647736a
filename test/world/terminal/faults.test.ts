import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  '/root/.cache',
  '/root/.local',
  '/home/admin/.sudo_as_admin_successful',
]
const paths = [
  '/etc/nix',
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/root',
  '/home',
  '/var/lib/millwright',
]

describe.skipIf(!isRoot)('faults (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let anna: Host
  let before: Record<'client' | 'anna', Tree>

  const trees = async () => ({
    client: await client.tree(paths, { exclude }),
    anna: await anna.tree(paths, { exclude }),
  })
  const add = 'add easy@anna --identity /tmp/key --trust-new-host-key --yes --json'
  /** Whatever happened: Nix reads its configuration and builds here for an ordinary user. */
  const expectNixToWork = async () => {
    await client.writeFile('/tmp/local.nix', derivation())
    const built = await client.exec(['nix-build', '--no-out-link', '/tmp/local.nix'], { user: 'dev' })
    expect(built).toMatchObject({ code: 0 })
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts, diskMiB: 512 })
    client = fleet.host('client')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    before = await trees()
  })

  afterEach(async () => {
    await millwright(client, 'remove anna --yes')
    expect(await trees()).toEqual(before)
  })

  afterAll(() => fleet?.close())

  it.each([
    ['inspect', ['CONNECTION_LOST', 'REMOTE_SCRIPT_FAILED']],
    ['provision', ['CONNECTION_LOST', 'REMOTE_SCRIPT_FAILED']],
    [
      'prove',
      ['CONNECTION_REFUSED', 'CONNECTION_LOST', 'SSH_HUNG_UP', 'PING_FAILED', 'UNEXPLAINED', 'BUILD_FAILED'],
    ],
  ])(
    'sshd killed in the step %s is said, breaks nothing, and a second try converges',
    async (step, codes) => {
      const adding = startMillwright(client, add)
      await adding.reached(step, 'running')
      await anna.stopSshd()
      const { code, last } = await adding.ended
      expect(last).toMatchObject({ result: 'failed', step })
      expect(codes).toContain(last.failure?.code)
      expect(code).toBe(1)
      await expectNixToWork()
      await anna.startSshd()
      const again = await startMillwright(client, add).ended
      expect(again.last).toMatchObject({ result: 'added', proof: { builtOn: 'anna' } })
    },
  )

  it.each(['register', 'provision', 'prove'])(
    'killed in the step %s, it is shown and removed',
    async (step) => {
      const adding = startMillwright(client, add)
      await adding.reached(step, 'running')
      adding.kill('SIGKILL')
      await adding.ended
      await expectNixToWork()
      const removed = await millwright(client, 'remove anna --yes')
      expect(removed.code === 0 || removed.stderr.includes('no builder named anna')).toBe(true)
    },
  )

  it('cancelled with Ctrl-C it takes everything back and ends with status 130', async () => {
    const adding = startMillwright(client, add)
    await adding.reached('provision', 'running')
    await client.must(['pkill', '-INT', '-f', 'main/cli.js add'])
    const { code, last } = await adding.ended
    expect(last).toMatchObject({ result: 'failed', failure: { code: 'CANCELLED' }, leftBehind: [] })
    expect(code).toBe(130)
    expect(await trees()).toEqual(before)
  })

  it('a wrong sudo password is said and changes nothing', async () => {
    const line = 'add admin@anna --identity /tmp/key --trust-new-host-key --yes --sudo-password-stdin --json'
    const { code, last } = await startMillwright(client, line, 'wrong\n').ended
    expect(last.failure?.code).toBe('SUDO_PASSWORD_WRONG')
    expect(code).toBe(1)
    expect(await trees()).toEqual(before)
  })

  it('a full disk over there is said and changes nothing', async () => {
    await anna.sh('head -c 2G /dev/zero >/var/lib/filler')
    const { last } = await startMillwright(client, add).ended
    await anna.must(['rm', '/var/lib/filler'])
    expect(last.failure?.code).toBe('REMOTE_DISK_FULL')
    expect(last.leftBehind).toEqual([])
    expect(await trees()).toEqual(before)
  })

  it('two adds at once both end well', async () => {
    const [first, second] = await Promise.all([
      startMillwright(client, add).ended,
      startMillwright(client, add.replaceAll('anna', 'otto')).ended,
    ])
    expect(first.last).toMatchObject({ result: 'added', id: 'anna' })
    expect(second.last).toMatchObject({ result: 'added', id: 'otto' })
    expect((await millwright(client, 'remove otto --yes')).code).toBe(0)
  })

  it('a changed host key is refused, whatever was consented to', async () => {
    expect((await startMillwright(client, add).ended).last.result).toBe('added')
    await anna.sh(
      'for key in /etc/ssh/ssh_host_*_key; do cp -p $key $key.before; cp -p $key.pub $key.pub.before; done',
    )
    await anna.sh('rm /etc/ssh/ssh_host_*_key; ssh-keygen -A')
    await anna.stopSshd()
    await anna.startSshd()
    const test = await millwright(client, 'test anna --json')
    expect(JSON.parse(test.stdout).failure.code).toBe('HOST_KEY_CHANGED')
    const again = await startMillwright(client, add.replace('--json', '--name anew --json')).ended
    expect(again.last.failure?.code).toBe('HOST_KEY_CHANGED')
    const resumed = await millwright(client, 'resume anna')
    expect(resumed.code).toBe(1)
    await anna.sh(
      'for key in /etc/ssh/ssh_host_*_key; do mv $key.before $key; mv $key.pub.before $key.pub; done',
    )
    await anna.stopSshd()
    await anna.startSshd()
  })

  it('a machines file with a broken line is shown, and nothing is written beside it', async () => {
    await client.writeFile('/etc/nix/machines', 'ssh://old x86_64-linux - many\n')
    const { last } = await startMillwright(client, add).ended
    expect(last.failure?.code).toBe('LOCAL_MACHINES_BROKEN')
    await client.must(['rm', '/etc/nix/machines'])
    expect(await trees()).toEqual(before)
  })

  it('a nix.conf that Nix itself rejects is said, and left alone', async () => {
    const conf = await client.readFile('/etc/nix/nix.conf')
    await client.writeFile('/etc/nix/nix.conf', `${conf}max-jobs=4\n`)
    const { last } = await startMillwright(client, add).ended
    expect(last.failure?.code).toBe('LOCAL_NIX_CONF_BROKEN')
    expect(await client.readFile('/etc/nix/nix.conf')).toBe(`${conf}max-jobs=4\n`)
    await client.writeFile('/etc/nix/nix.conf', conf)
  })
})
