import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder', karl: 'builder' } as const
const names = ['anna', 'otto', 'karl'] as const
const machines = '/etc/nix/machines'
const key = '/root/.ssh/builder'
const ownedHere = ['/etc/nix', '/root/.ssh']
const ownedThere = ['/etc/nix', '/etc/ssh', '/home/easy']

describe.skipIf(!isRoot)(
  'builders that somebody set up by hand, on real hosts (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host

    const run = (line: string, user = 'root') => millwright(client, line, { user })
    const sh = (host: Host, text: string) => host.must(['sh', '-c', text])
    const unmanaged = async (command: string) => {
      const { stdout } = await run(`${command} --json`)
      return (JSON.parse(stdout) as { unmanaged: { name: string; where: string; answer: unknown }[] })
        .unmanaged
    }
    const build = async () => {
      await client.writeFile('/tmp/build.nix', derivation())
      const argv = ['nix-build', '--no-out-link', '-j0', '/tmp/build.nix']
      const { code, stdout, stderr } = await client.exec(argv, { user: 'dev', timeoutMs: 60_000 })
      return code === 0 ? (await client.readFile(stdout.trim())).trim() : stderr
    }
    const trees = async (): Promise<Record<string, unknown>> => {
      const all = [client, ...names.map((name) => fleet.host(name))]
      const read = all.map((host) => host.tree(host === client ? ownedHere : ownedThere))
      const [here, ...there] = await Promise.all(read)
      return { client: here, ...Object.fromEntries(names.map((name, at) => [name, there[at]])) }
    }

    /** As the wiki has it: a key of root's, a trusted login there, known hosts, and a line for each in a form of its own. */
    const setUpByHand = async () => {
      await sh(client, `mkdir -p -m 700 /root/.ssh; ssh-keygen -q -t ed25519 -N '' -f ${key}`)
      const publicKey = (await client.readFile(`${key}.pub`)).trim()
      await Promise.all(
        names.map((name) =>
          sh(
            fleet.host(name),
            `echo '${publicKey}' >>/home/easy/.ssh/authorized_keys
             echo 'trusted-users = root easy' >>/etc/nix/nix.conf
             systemctl restart nix-daemon.service`,
          ),
        ),
      )
      await sh(client, 'ssh-keyscan -t ed25519 anna karl >/root/.ssh/known_hosts 2>/dev/null')
      await sh(
        client,
        `printf 'Host mac\\n  HostName karl\\n  User easy\\n  IdentityFile ${key}\\n' >/root/.ssh/config`,
      )
      const pin = await sh(client, "ssh-keyscan -t ed25519 otto 2>/dev/null | cut -d' ' -f2- | base64 -w0")
      const lines = [
        '# the machines of the lab',
        `ssh-ng://easy@anna\tx86_64-linux  ${key} 2 1 kvm,big-parallel - - # under the desk`,
        '',
        `ssh://easy@otto x86_64-linux ${key} 1 2 - - ${pin}`,
        'ssh-ng://mac x86_64-linux - 4 1',
        'ssh-ng://easy@nobody.invalid x86_64-linux - 1 1',
      ]
      await client.writeFile(machines, lines.join('\n'), { mode: '0640' })
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await setUpByHand()
    })

    afterAll(() => fleet?.close())

    it('are used, listed with their lines, and asked as root, before anything of ours is set up', async () => {
      expect(names).toContain(await build())
      expect(await unmanaged('list')).toMatchObject([
        { name: 'anna', where: `${machines}:2`, answer: null },
        { name: 'otto', where: `${machines}:4` },
        { name: 'mac', where: `${machines}:5` },
        { name: 'nobody.invalid', where: `${machines}:6` },
      ])
      const [anna, otto, mac, nobody] = (await unmanaged('status')).map(({ answer }) => answer)
      for (const answer of [anna, otto, mac]) expect(answer).toMatchObject({ failure: null })
      expect(nobody).toMatchObject({ latencyMs: null, failure: 'NAME_UNRESOLVED' })
    })

    it('are told to who may not read that file by their place alone', async () => {
      expect((await run('list', 'dev')).stdout).not.toContain('easy@')
    })

    it('are left as they are, with nothing set up, where root cannot get to one by our own stanza', async () => {
      const before = await trees()
      const { code, stderr } = await run('adopt nobody.invalid --yes')
      expect(code).toBe(1)
      expect(stderr).toContain('root knows no host key of it')
      expect((await run('adopt anna')).code).toBe(3)
      expect(await trees()).toEqual(before)
    })

    it('are taken over, built on, switched, and given back byte for byte', async () => {
      const before = await trees()
      expect(await run('adopt anna --yes')).toMatchObject({ code: 0, stderr: '' })
      expect(await run('adopt otto --yes')).toMatchObject({ code: 0, stderr: '' })
      expect(await run('adopt mac --name karl --yes')).toMatchObject({ code: 0, stderr: '' })
      expect((await unmanaged('list')).map(({ name }) => name)).toEqual(['nobody.invalid'])
      expect(await run('test karl')).toMatchObject({ code: 0 })
      const { stdout: lines } = await run('export machines')
      expect(lines).toContain(
        'ssh-ng://millwright-anna x86_64-linux /etc/nix/millwright/keys/anna 2 1 kvm,big-parallel - -',
      )
      expect((await run('pause anna')).code).toBe(0)
      expect((await run('pause otto')).stdout).not.toContain('offers it too')
      expect(await build()).toBe('karl')
      expect((await run('resume otto')).code).toBe(0)
      const there = await trees()
      for (const name of names) expect(there[name]).toEqual(before[name])
      for (const name of names)
        expect(await run(`remove ${name} --yes`)).toMatchObject({ code: 0, stderr: '' })
      expect(await trees()).toEqual(before)
      expect(names).toContain(await build())
    })

    it('come back when everything is taken back, also from an earlier configuration', async () => {
      const before = await trees()
      expect(await run('adopt otto --yes')).toMatchObject({ code: 0 })
      expect(await run('adopt anna --yes')).toMatchObject({ code: 0 })
      expect((await run('rollback')).code).toBe(0)
      expect(await run('uninstall --yes')).toMatchObject({ code: 0 })
      expect(await trees()).toEqual(before)
    })
  },
)
