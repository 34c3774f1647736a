import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCollect } from '../../../main/adapters/ssh/collect'
import { toFailure } from '../../../main/failures'
import type { Garbage } from '../../../main/ports/collect'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasNewerNix } from '../fleet/images'
import { until } from '../fleet/process'
import { derivation, thisSystem } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = hasNewerNix
  ? ({ client: 'client', anna: 'builder', nina: 'builder-new' } as const)
  : ({ client: 'client', anna: 'builder', nina: 'blackhole' } as const)
type Name = keyof typeof hosts
const versions = hasNewerNix
  ? ([
      ['2.8', 'anna'],
      ['2.26', 'nina'],
    ] as const)
  : ([['2.8', 'anna']] as const)
const mebibyte = 2 ** 20

describe.skipIf(!isRoot)('freeing space (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<Name>
  let client: Host

  beforeAll(async () => {
    fleet = await openFleet<Name>({ hosts })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
  })

  afterAll(() => fleet?.close())

  describe.each(versions)('on a builder with Nix %s', (version, name) => {
    let builder: Host

    const terminal = async (line: string) => {
      const { code, stdout, stderr } = await millwright(client, line)
      return { code, stderr, said: line.includes('--json') ? JSON.parse(stdout) : stdout }
    }
    const dead = async () => {
      const said = await builder.must(['nix-store', '--gc', '--print-dead'])
      return said.trim().split('\n').filter(Boolean).sort()
    }
    const exists = async (path: string) => (await builder.exec(['test', '-e', path])).code === 0
    const freeBytes = async () =>
      Number((await builder.must(['stat', '-f', '-c', '%a %S', '/nix/store'])).split(' ')[0]) * 4096
    /** Builds from the client by this builder alone, as a person does; returns the output's path. */
    const buildFromClient = async (script: string) => {
      await client.writeFile('/tmp/build.nix', derivation({ script }))
      const built = await client.must(['nix-build', '--no-out-link', '-j0', '/tmp/build.nix'], {
        user: 'dev',
        timeoutMs: 60_000,
      })
      return built.trim()
    }
    const filling = (mib: number) => `PATH=/usr/bin:/bin; head -c ${mib * mebibyte} /dev/urandom >$out`
    /** Builds on the machine itself and keeps it by a root. */
    const buildAndKeep = async (link: readonly string[], fileName: string) => {
      await builder.writeFile('/tmp/kept.nix', derivation({ name: fileName }))
      return (await builder.must(['nix-build', '/tmp/kept.nix', ...link])).trim()
    }

    beforeAll(async () => {
      builder = fleet.host(name)
      expect(await builder.must(['nix', '--version'])).toContain(` ${version}.`)
      const added = await terminal(`add easy@${name} --identity /tmp/key --trust-new-host-key --yes`)
      expect(added).toMatchObject({ code: 0, stderr: '' })
    })

    afterAll(async () => {
      expect(await terminal(`remove ${name} --yes`)).toMatchObject({ code: 0, stderr: '' })
    })

    it('counts what Nix counts, and deletes nothing with --dry-run', async () => {
      for (let times = 0; times < 3; times++) await buildFromClient(filling(4))
      const before = await dead()
      const { code, said } = await terminal(`collect ${name} --dry-run --json`)
      expect({ code, ok: said.ok, paths: said.found.paths }).toEqual({
        code: 0,
        ok: true,
        paths: before.length,
      })
      expect(said.found.bytes).toBeGreaterThan(12 * mebibyte)
      expect(said.found.bytes).toBeLessThan(13 * mebibyte)
      expect(said).not.toHaveProperty('freed')
      expect(await dead()).toEqual(before)
    })

    it('deletes nothing when nobody is there to answer', async () => {
      const before = await dead()
      const { code, stderr } = await terminal(`collect ${name}`)
      expect(code).toBe(3)
      expect(stderr).toContain('May')
      expect(await dead()).toEqual(before)
    })

    it('frees it, and keeps what a link, an earlier generation or a running build holds', async () => {
      const linked = await buildAndKeep(['-o', '/root/kept'], 'linked')
      const profile = '/nix/var/nix/profiles/test'
      const generations = [
        await buildAndKeep(['--no-out-link'], 'first'),
        await buildAndKeep(['--no-out-link'], 'second'),
      ]
      for (const path of generations) await builder.must(['nix-env', '-p', profile, '--set', path])
      const before = await freeBytes()
      await buildFromClient(filling(8))
      await client.writeFile('/tmp/chain.nix', chain())
      const running = client.must(['nix-build', '--no-out-link', '-j0', '/tmp/chain.nix'], {
        user: 'dev',
        timeoutMs: 60_000,
      })
      await until('the build runs', () => exists('/tmp/started'))

      const { code, said } = await terminal(`collect ${name} --yes --json`)
      expect({ code, ok: said.ok }).toEqual({ code: 0, ok: true })
      expect(said.freed.bytes).toBeGreaterThanOrEqual(20 * mebibyte)
      expect(said.freed.paths).toBeLessThanOrEqual(said.found.paths)
      expect(await freeBytes()).toBeGreaterThan(before + 11 * mebibyte)
      expect(await dead()).toEqual([])
      for (const path of [linked, ...generations]) expect(await exists(path)).toBe(true)
      await builder.must(['touch', '/tmp/go'])
      expect(await client.readFile((await running).trim())).toBe('made before\n')
      await builder.must(['nix-store', '--verify', '--check-contents'])
    })

    it('says that there is nothing to free, without a question', async () => {
      await builder.must(['nix-store', '--gc'])
      const { code, said } = await terminal(`collect ${name}`)
      expect({ code, said }).toMatchObject({
        code: 0,
        said: expect.stringContaining(`There is nothing to free on ${name}.`),
      })
    })

    describe('whose collection is slow', () => {
      const lockHolder = 'flock /nix/var/nix/gc.lock -c "touch /tmp/locked; exec sleep 600"'
      const collections = async () => (await builder.exec(['pgrep', '-f', 'nix-store --gc'])).stdout.trim()
      const secret = async () => {
        const secrets = await client.readFile('/root/.local/share/millwright/secrets.json')
        return JSON.parse(secrets)['collect-key'] as string
      }
      const hostKeys = async () => {
        const [line = ''] = (await builder.hostKeys()).filter((text) => text.startsWith('ssh-ed25519'))
        return [{ type: 'ssh-ed25519' as const, key: line.split(' ')[1] ?? '' }]
      }
      const release = () => builder.exec(['pkill', '-f', 'sleep 600'])

      beforeEach(async () => {
        await buildFromClient(filling(1))
        // Another collection, as it were: Nix has one at a time.
        await builder.start('lock', ['sh', '-c', lockHolder])
        await until('the lock is held', () => exists('/tmp/locked'))
      })

      afterEach(async () => {
        await release()
        await builder.must(['rm', '-f', '/tmp/locked'])
      })

      it.each([
        ['is cut', 'CONNECTION_LOST', () => builder.stopSshd(), () => builder.startSshd()],
        ['is given up', 'CANCELLED', undefined, undefined],
      ] as const)('ends it when the connection %s, and a second run works', async (_, code, cut, mend) => {
        const forward = await fleet.forward(name, 22)
        const watched = { id: name, ...forward, user: 'nixremote', hostKeys: await hostKeys() }
        const told: Garbage[] = []
        const giveUp = new AbortController()
        const tell = (soFar: Garbage) => void told.push(soFar)
        const failure = createCollect()
          .collect(watched, await secret(), tell, giveUp.signal)
          .then(String, toFailure)
        await until('it tells something', async () => told.length > 1)
        expect(await collections()).not.toBe('')
        const start = performance.now()
        await (cut ?? (() => giveUp.abort()))()
        expect(await failure).toMatchObject({ code })
        await until('nothing collects any more', async () => (await collections()) === '', 5_000)
        console.log(`${name}: ended ${Math.round(performance.now() - start)} ms after its connection`)
        await mend?.()
        await forward.close()
        await release()
        expect(await dead()).not.toEqual([])

        const again = await terminal(`collect ${name} --yes --json`)
        expect(again).toMatchObject({ code: 0, said: { ok: true, builder: name } })
        expect(again.said.freed.bytes).toBeGreaterThanOrEqual(mebibyte)
        expect(await dead()).toEqual([])
      })
    })
  })
})

/** The second waits for /tmp/go and then reads what the first had made, which it finds by its environment. */
const chain = () => `let
  first = ${derivation({ name: 'first', script: 'echo made before >$out' })};
in derivation {
  name = "second";
  system = "${thisSystem}";
  builder = "/bin/sh";
  PATH = "/usr/bin:/bin";
  inherit first;
  args = [ "-c" ": >/tmp/started; while ! [ -e /tmp/go ]; do sleep 0.1; done; cat $first >$out" ];
}
`
