import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasNewerNix } from '../fleet/images'
import { until } from '../fleet/process'
import type { Tree } from '../fleet/tree'
import { derivation } from '../kit/derivation'
import { callHelper, installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
/** What depends on the version of no Nix and of no ssh is tried on the first pair alone. */
const versions = [
  ['2.8', '2.8', 'client', 'builder'],
  ...(hasNewerNix
    ? ([
        ['2.8', '2.26', 'client', 'builder-new'],
        ['2.26', '2.8', 'client-new', 'builder'],
        ['2.26', '2.26', 'client-new', 'builder-new'],
      ] as const)
    : []),
] as const
const paths = ['/etc', '/root', '/usr/lib/millwright', '/run/millwright']
const exclude = ['/root/.cache', '/root/.local', '/run/millwright']

describe.skipIf(!isRoot).each(versions)(
  'one connection for many builds, from Nix %s to a builder with %s (needs root)',
  (from, to, clientKind, builderKind) => {
    const isFirst = from === '2.8' && to === '2.8'
    let fleet: Fleet<'client' | 'anna'>
    let client: Host
    let anna: Host
    let bare: Tree
    let added: Tree

    const share = (wanted: 'on' | 'off') => millwright(client, `share anna ${wanted}`)
    const shared = async () => JSON.parse((await millwright(client, 'list --json')).stdout).builders[0].shared
    const tree = () => client.tree(paths, { exclude })
    const masters = async () =>
      (await client.exec(['pgrep', '-f', '^/usr/bin/ssh .*ControlMaster=yes'])).stdout.trim()
    const isUp = async () => (await client.exec(['ssh', '-O', 'check', 'millwright-anna.shared'])).code === 0
    /** How often somebody has logged in to the builder. */
    const logins = async () =>
      Number(await anna.must(['sh', '-c', 'grep -c "Accepted publickey" /var/log/sshd.log; :']))
    const burst = (count: number) => {
      const list = Array.from({ length: count }, () => `(${derivation()})`).join('\n')
      return build(`[\n${list}\n]`)
    }
    const build = async (text: string) => {
      await client.writeFile('/tmp/burst.nix', text)
      const built = await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/burst.nix'], {
        user: 'dev',
        timeoutMs: 120_000,
      })
      expect(built.code, built.stderr).toBe(0)
      return await client.must(['cat', ...built.stdout.trim().split('\n')])
    }
    /** Lets the builder's sshd note its logins, with one more line of configuration if need be. */
    const restartSshd = async (line = '') => {
      await anna.must([
        'sh',
        '-c',
        `sed -i '/^MaxSessions/d' /etc/ssh/sshd_config; echo '${line}' >>/etc/ssh/sshd_config`,
      ])
      await anna.stopSshd()
      await anna.must(['sh', '-c', 'mkdir -p /run/sshd && /usr/sbin/sshd -E /var/log/sshd.log'])
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts: { client: clientKind, anna: builderKind } })
      client = fleet.host('client')
      anna = fleet.host('anna')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
      bare = await tree()
      await restartSshd()
      const add = 'add easy@anna --identity /root/key --trust-new-host-key --yes --max-jobs 6'
      expect(await millwright(client, add)).toMatchObject({ code: 0, stderr: '' })
      added = await tree()
    }, 120_000)

    afterAll(() => fleet?.close())

    if (isFirst)
      it('logs in for each build unless somebody asks for it', async () => {
        expect(await shared()).toBe(false)
        const before = await logins()
        await burst(4)
        expect((await logins()) - before).toBeGreaterThanOrEqual(4)
      })

    it('lets a burst of builds go through one login', async () => {
      expect(await share('on')).toMatchObject({ code: 0, stderr: '' })
      expect(await shared()).toBe(true)
      const before = await logins()
      const count = isFirst ? 20 : 8
      expect(await burst(count)).toBe('anna\n'.repeat(count))
      expect(await logins()).toBe(before)
    })

    if (isFirst)
      it('stays open to root alone', async () => {
        expect(await client.must(['stat', '-c', '%a %U', '/run/millwright/masters'])).toBe('700 root\n')
        expect(
          (
            await client.exec(['ssh', '-O', 'check', '-S', '/run/millwright/masters/anna', 'x'], {
              user: 'dev',
            })
          ).code,
        ).not.toBe(0)
      })

    if (isFirst)
      it('is not ended under a build', async () => {
        const slow = build(derivation({ script: '/bin/sleep 5; echo >$out' }))
        await until('a build goes through', async () => {
          const { stdout } = await client.sh('ss -Hx state established')
          return stdout.includes('/run/millwright/masters/anna')
        })
        expect((await share('off')).stderr).toContain('Builds go through the connection')
        expect(await shared()).toBe(true)
        await slow
      })

    it('goes on with logins of their own when the connection is killed, and comes back', async () => {
      await client.sh(`kill -KILL ${await masters()}`)
      expect(await burst(3)).toBe('anna\n'.repeat(3))
      await until('the connection is back', isUp)
      const before = await logins()
      await burst(3)
      expect(await logins()).toBe(before)
      expect(await shared()).toBe(true)
    })

    if (isFirst)
      it('is back after a reboot', async () => {
        await client.reboot()
        await until('the connection is back', isUp)
      })

    if (from === to)
      it('does not fail a test when it hangs', async () => {
        await client.sh(`kill -STOP ${await masters()}`)
        const start = performance.now()
        expect(JSON.parse((await millwright(client, 'test anna --json')).stdout)).toMatchObject({ ok: true })
        expect(performance.now() - start).toBeLessThan(40_000)
        await client.sh(`kill -CONT ${await masters()}`)
        expect((await share('on')).code).toBe(0)
      })

    if (isFirst)
      it('is turned off by itself when nothing gets through any more, and says so', async () => {
        const ssh = '/nix/var/nix/profiles/default/bin/ssh'
        await client.writeFile(ssh, garblingSsh, { mode: '0755' })
        expect(JSON.parse((await millwright(client, 'test anna --json')).stdout)).toMatchObject({ ok: true })
        await client.must(['rm', ssh])
        expect(await shared()).toBe(false)
        const { status } = await callHelper(client, { op: 'status' })
        expect(status?.warnings.join()).toContain('shared connection to anna')
        expect(await masters()).toBe('')
        expect(await burst(1)).toBe('anna\n')
      })

    if (isFirst)
      it('is not kept where the builder allows one session in a login', async () => {
        await restartSshd('MaxSessions 1')
        const { code, stderr } = await share('on')
        expect(code).not.toBe(0)
        expect(stderr).toContain('Builds do not get through one connection to anna')
        expect(await shared()).toBe(false)
        expect(await masters()).toBe('')
        await restartSshd()
      })

    if (isFirst)
      it('leaves nothing of itself when turned off', async () => {
        expect((await share('on')).code).toBe(0)
        expect(await share('off')).toMatchObject({ code: 0, stderr: '' })
        const generations = /\/etc\/nix\/millwright\/(gen-|current)/
        const own = (all: Tree) => Object.entries(all).filter(([path]) => !generations.test(path))
        expect(own(await tree())).toEqual(own(added))
        expect(await masters()).toBe('')
      })

    if (isFirst)
      it('goes with its builder, without a trace', async () => {
        expect((await share('on')).code).toBe(0)
        expect(await millwright(client, 'remove anna --yes')).toMatchObject({ code: 0 })
        expect(await tree()).toEqual(bare)
        expect(await masters()).toBe('')
        expect((await client.sh('ls /run/millwright')).stdout).not.toContain('masters')
      })
  },
)

/** What some versions of Nix make of a connection that is there already: another word before the greeting. */
const garblingSsh = `#!/bin/sh
case " $* " in
*" -oControlPath=none "* | *" -O "*) ;;
*millwright-anna*nix-daemon*) [ ! -S /run/millwright/masters/anna ] || { echo started; exit 0; } ;;
esac
exec /usr/bin/ssh "$@"
`
