import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { derivation } from '../kit/derivation'
import { callHelper, installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const rootsConfig = '/root/.ssh/config'
const current = '/etc/nix/millwright/current'
const stamps = '/run/millwright/answers'

describe.skipIf(!isRoot)('root’s way to the builders, whatever else is set (needs root)', () => {
  let fleet: Fleet<'client' | 'anna' | 'otto'>
  let client: Host
  let anna: Host

  /** Builds so many at once as an ordinary user, here none; answers where, and how long it took in milliseconds. */
  const build = async (count = 1) => {
    const list = Array.from({ length: count }, () => `(${derivation()})`).join('\n')
    await client.writeFile('/tmp/some.nix', `[\n${list}\n]`)
    const from = performance.now()
    const built = await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/some.nix'], {
      user: 'dev',
      timeoutMs: 120_000,
    })
    const ms = performance.now() - from
    const paths = built.stdout.trim().split('\n').filter(Boolean)
    const where = built.code === 0 ? await client.must(['cat', ...paths]) : undefined
    return { where, ms, stderr: built.stderr }
  }
  const withRootsConfig = async <T>(lines: string, action: () => Promise<T>): Promise<T> => {
    const before = await client.readFile(rootsConfig)
    await client.writeFile(rootsConfig, `${before}Host *\n${lines}\n`, { mode: '0600' })
    try {
      return await action()
    } finally {
      await client.writeFile(rootsConfig, before, { mode: '0600' })
    }
  }
  const forgetStamps = () => client.must(['rm', '-rf', stamps])

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder', otto: 'builder' } })
    client = fleet.host('client')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
    for (const [name, speed] of [
      ['anna', 10],
      ['otto', 1],
    ] as const) {
      const options = `--identity /root/key --trust-new-host-key --yes --max-jobs 10 --speed-factor ${speed}`
      expect(await millwright(client, `add easy@${name} ${options}`)).toMatchObject({ code: 0, stderr: '' })
    }
  }, 120_000)

  afterAll(() => fleet?.close())

  it.each([
    ['RequestTTY force'],
    ['RemoteCommand echo hello'],
    ['SessionType none'],
    ['LocalForward 22 127.0.0.1:9\nExitOnForwardFailure yes'],
    ['PubkeyAcceptedAlgorithms rsa-sha2-512\nHostKeyAlgorithms ecdsa-sha2-nistp521'],
    ['LogLevel VERBOSE\nVisualHostKey yes\nStdinNull yes\nForkAfterAuthentication yes'],
    ['UseKeychain yes\nAddKeysToAgent yes\nIdentityAgent /tmp/none'],
    ['PreferredAuthentications password\nPubkeyAuthentication no\nKnownHostsCommand /bin/false'],
  ])('builds go through whatever root’s own file sets for all hosts: %j', async (lines) => {
    expect(await withRootsConfig(lines, () => build())).toMatchObject({ where: 'anna\n' })
  })

  it('builds go through what the system’s own files set for all hosts', async () => {
    const file = '/etc/ssh/ssh_config.d/all.conf'
    await client.writeFile(
      file,
      'Host *\nRequestTTY force\nSessionType none\nRemoteCommand true\nTunnel yes\n',
    )
    expect(await build()).toMatchObject({ where: 'anna\n' })
    await client.must(['rm', file])
  })

  it('no builder is added beside a line at which ssh stops, and the line is named', async () => {
    const { status } = await callHelper(client, { op: 'status' })
    const { enabled: _, quarantined: __, buildKey: ___, ...builder } = status?.builders[0] ?? missing()
    const refused = await withRootsConfig('Compression perhaps', () =>
      callHelper(client, { op: 'put-builder', builder, restartDaemon: 'when-idle' }),
    )
    expect(refused).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'ssh-config-broken' })
    expect(refused.detail).toMatch(/\/root\/\.ssh\/config line \d+: unsupported option "perhaps"/)
  })

  it('ten builds cost next to nothing when the faster builder is dead and no app runs', async () => {
    await anna.cutNetwork()
    await millwright(client, 'pause anna')
    const alone = await build(10)
    await millwright(client, 'resume anna')
    await forgetStamps()
    const first = await build(10)
    const then = await build(10)
    expect([alone.where, first.where, then.where]).toEqual(Array(3).fill('otto\n'.repeat(10)))
    expect(await client.readFile(`${stamps}/anna`)).toMatch(/^dead \d+\n$/)
    // Each of the ten would wait five seconds for it.
    expect(first.ms).toBeLessThan(alone.ms + 10_000)
    expect(then.ms).toBeLessThan(alone.ms + 8000)
  })

  it('says why instead of logging in, and what is so to whoever tests', async () => {
    await millwright(client, 'pause otto')
    expect((await build()).where).toBeUndefined()
    const login = await client.exec(['ssh', 'millwright-anna', 'true'])
    expect(login.code).toBe(255)
    expect(login.stderr).toMatch(/^Millwright did not try anna: it did not answer \d+ s ago\.$/m)
    const tested = await millwright(client, 'test anna --json')
    expect(JSON.parse(tested.stdout)).toMatchObject({ ok: false, failure: { code: 'UNREACHABLE' } })
  })

  it('is used at once again when a test has found it there', async () => {
    await build()
    await anna.mendNetwork()
    expect(JSON.parse((await millwright(client, 'test anna --json')).stdout)).toMatchObject({ ok: true })
    expect(await client.readFile(`${stamps}/anna`)).toMatch(/^alive \d+\n$/)
    expect(await build()).toMatchObject({ where: 'anna\n' })
  })

  it('lets builds through where nothing can be noted', async () => {
    await forgetStamps()
    await client.must(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/run/millwright'])
    expect(await build()).toMatchObject({ where: 'anna\n' })
    await client.must(['umount', '/run/millwright'])
  })

  it('keeps what it notes from everybody else', async () => {
    await build()
    expect(await client.must(['stat', '-c', '%a %U', stamps, `${stamps}/anna`])).toBe('755 root\n644 root\n')
    const asked = ['/usr/lib/millwright/millwright-answers', 'ask', 'anna', '127.0.0.1', '1']
    expect((await client.exec(asked, { user: 'dev' })).code).toBe(1)
  })

  it('root’s files of an earlier helper are written anew by installing this one', async () => {
    const old = `cd ${current}/ && sed -i '/RequestTTY/d; /^Match /,/^$/d' ssh_config && sum=$(sha256sum <ssh_config | cut -d' ' -f1) && sed -i "s/\\"ssh_config\\": \\".*\\"/\\"ssh_config\\": \\"$sum\\"/" manifest.json`
    await client.must(['sh', '-c', old])
    expect(await client.readFile(`${current}/ssh_config`)).not.toMatch(/RequestTTY|millwright-answers/)
    expect(await installHelperOn(client)).toMatchObject({ code: 0, stderr: '' })
    const text = await client.readFile(`${current}/ssh_config`)
    expect(text).toContain('RequestTTY no')
    expect(text).toContain(
      'Match originalhost millwright-anna exec "/usr/lib/millwright/millwright-answers ask anna',
    )
    expect(await build()).toMatchObject({ where: 'anna\n' })
  })

  it('builds go on as before the guard when the helper is taken away under them', async () => {
    await client.must(['mv', '/usr/lib/millwright/millwright-answers', '/run/aside'])
    expect(await build()).toMatchObject({ where: 'anna\n' })
    await client.must(['mv', '/run/aside', '/usr/lib/millwright/millwright-answers'])
  })

  it('leaves nothing when the last builder is removed', async () => {
    for (const name of ['anna', 'otto'])
      expect(await millwright(client, `remove ${name} --yes`)).toMatchObject({ code: 0, stderr: '' })
    expect((await client.sh(`ls ${stamps}`)).code).not.toBe(0)
  })
})

function missing(): never {
  throw new Error('there is no builder')
}
