import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { derivation } from '../kit/derivation'
import { callHelper, installHelperOn } from '../kit/install-helper'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder' } as const
const keysFile = '/var/lib/millwright/home/.ssh/authorized_keys'
const keyFile = '/etc/nix/millwright/keys/anna'
const paths = ['/etc', '/root', '/home', '/var/lib/millwright']
const exclude = [
  '/etc/nix/millwright/gen-*',
  '/etc/nix/millwright/current',
  ...['.cache', '.local', '.nix-defexpr', '.nix-profile'].flatMap((name) => [
    `/root/${name}`,
    `/home/dev/${name}`,
    `/home/plain/${name}`,
  ]),
]
const rotate = 'rotate-key anna --yes --json'

describe.skipIf(!isRoot)('renewing the keys (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let anna: Host

  const registered = async () => {
    const { status } = await callHelper(client, { op: 'status' })
    return status?.builders[0] ?? expect.fail('no builder')
  }
  const keyLines = async () => (await anna.readFile(keysFile)).trim().split('\n')
  const keysThere = async () => (await keyLines()).map((line) => /ssh-ed25519 \S+/.exec(line)?.[0])
  /** What becomes of a login with one key alone, by root's own pins: `refused`, or what is let in says for itself. */
  const logIn = async (file: string) => {
    const only = `-F none -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -i ${file}`
    const pins =
      '-o UserKnownHostsFile=/etc/nix/millwright/current/known_hosts -o HostKeyAlias=millwright-anna'
    const { stderr } = await client.sh(`ssh ${only} ${pins} nixremote@anna true`)
    return stderr.includes('Permission denied (publickey') ? 'refused' : stderr.trim()
  }
  const letIn = 'millwright-serve: this key builds for Nix and does nothing else.'
  const trees = async () => ({
    client: await client.tree(paths, { exclude }),
    anna: await anna.tree(paths, { exclude }),
  })
  const changedIn = (before: Record<string, string>, after: Record<string, string>) =>
    [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((path) => before[path] !== after[path])
      .sort()
  const keepOldKey = () => client.must(['cp', '-p', keyFile, '/tmp/old-key'])

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    const add = 'add easy@anna --identity /tmp/key --trust-new-host-key --yes --json'
    expect((await startMillwright(client, add).ended).last.result).toBe('added')
  })

  afterAll(() => fleet?.close())

  it('shows what it would do, and changes nothing by that', async () => {
    const before = await trees()
    const { code, stdout } = await millwright(client, 'rotate-key anna --dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('Let the new keys in for the same as the old ones')
    expect(await trees()).toEqual(before)
  })

  it('disturbs no build, lets the new ones in and the old ones no more, and changes nothing else', async () => {
    await keepOldKey()
    const [before, old] = [await trees(), await keysThere()]
    await client.writeFile(
      '/tmp/slow.nix',
      derivation({
        script:
          'IFS=. read -r now _ </proc/uptime; end=$((now + 8)); while [ "$now" -lt "$end" ]; do IFS=. read -r now _ </proc/uptime; done; echo >$out',
      }),
    )
    const building = client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/slow.nix'], {
      user: 'dev',
      timeoutMs: 40_000,
    })
    await until('the build to begin', async () => (await anna.sh('pgrep -U nixbld1')).code === 0)
    const { last } = await startMillwright(client, rotate).ended
    expect(last).toMatchObject({ result: 'renewed', proof: { ok: true } })
    expect(await building).toMatchObject({ code: 0 })

    const [now, after] = [await keysThere(), await trees()]
    expect(now).toHaveLength(3)
    for (const key of old) expect(now).not.toContain(key)
    expect((await registered()).buildKey).toBe(now[0])
    expect(await logIn('/tmp/old-key')).toBe('refused')
    expect(await logIn(keyFile)).toBe(letIn)
    expect(changedIn(before.anna, after.anna)).toEqual([keysFile])
    expect(changedIn(before.client, after.client)).toEqual([keyFile])
    expect((await millwright(client, 'status anna --json')).stdout).toMatch(/"storeFreeBytes":\s*\d/)
    expect((await millwright(client, 'collect anna --dry-run')).code).toBe(0)
  })

  it.each(['prove', 'drop-key'])(
    'killed in the step %s, one key builds all the time, and a second try ends it',
    async (step) => {
      const rotating = startMillwright(client, rotate)
      await rotating.reached(step, 'running')
      rotating.kill('SIGKILL')
      await rotating.ended
      expect((await millwright(client, 'test anna')).code).toBe(0)
      await keepOldKey()
      expect((await startMillwright(client, rotate).ended).last.result).toBe('renewed')
      expect(await keyLines()).toHaveLength(3)
      expect((await registered()).nextBuildKey).toBeUndefined()
      expect((await client.sh(`ls ${keyFile}.new`)).code).not.toBe(0)
      expect(await logIn('/tmp/old-key')).toBe('refused')
      expect((await millwright(client, 'test anna')).code).toBe(0)
    },
  )

  it('that the builder does not take stays without effect: the old key is in force, and nothing is left', async () => {
    await keepOldKey()
    const before = await trees()
    const [keys, { buildKey }] = [await keysThere(), await registered()]
    // It lets nobody in by a file that it may not read, as after a hardening of sshd.
    await anna.sh(`echo 'Match User nixremote
  AuthorizedKeysCommand /bin/cat /etc/ssh/pinned-keys
  AuthorizedKeysCommandUser root
  AuthorizedKeysFile none' >>/etc/ssh/sshd_config && cp ${keysFile} /etc/ssh/pinned-keys`)
    await anna.stopSshd()
    await anna.startSshd()
    const { last } = await startMillwright(client, rotate).ended
    expect(last).toMatchObject({
      result: 'failed',
      step: 'prove',
      failure: { code: 'LOGIN_REFUSED' },
      leftBehind: [],
    })
    expect(await keysThere()).toEqual(keys)
    expect((await registered()).buildKey).toBe(buildKey)
    expect(changedIn(before.client, (await trees()).client)).toEqual([])
    expect((await millwright(client, 'test anna')).code).toBe(0)
  })

  it('of which the builder goes leaves none behind', async () => {
    expect((await millwright(client, 'remove anna --yes')).code).toBe(0)
    expect((await client.sh('ls /etc/nix/millwright')).code).not.toBe(0)
    expect((await anna.sh('ls /var/lib/millwright')).code).not.toBe(0)
  })
})
