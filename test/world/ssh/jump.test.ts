import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const keys = '/home/plain/.ssh/authorized_keys'

describe.skipIf(!isRoot)(
  'a builder behind another machine (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<'client' | 'gate' | 'otto'>
    let client: Host
    let gate: Host
    let otto: Host

    beforeAll(async () => {
      fleet = await openFleet({ hosts: { client: 'client', gate: 'bare', otto: 'builder' } })
      client = fleet.host('client')
      gate = fleet.host('gate')
      otto = fleet.host('otto')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/root/.ssh/id_ed25519', fleet.credentials.key.privateKey, { mode: '0600' })
      await client.writeFile(
        '/root/.ssh/config',
        'Host far\n  HostName otto\n  User easy\n  ProxyJump plain@gate\n',
        { mode: '0600' },
      )
    })

    afterAll(() => fleet?.close())

    it('is added through that machine, where root’s key gets a passage to it and nothing else', async () => {
      const added = await millwright(client, 'add far --trust-new-host-key --yes')
      expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Built on otto') })
      expect(await client.readFile('/etc/nix/millwright/current/ssh_config')).toContain(
        'ProxyJump millwright-far.jump',
      )

      const line = (await gate.readFile(keys)).trimEnd().split('\n').at(-1)
      expect(line).toMatch(
        /^restrict,port-forwarding,permitopen="otto:22",command="\/bin\/false" ssh-ed25519 /,
      )
      const asRoot = (...argv: string[]) =>
        client.exec(['ssh', '-F', '/etc/nix/millwright/current/ssh_config', ...argv], { timeoutMs: 20_000 })
      expect((await asRoot('millwright-far.jump', 'id')).stdout).toBe('')
      expect((await asRoot('-W', 'gate:22', 'millwright-far.jump')).stderr).toContain(
        'administratively prohibited',
      )

      const opened = await gate.readFile(keys)
      await gate.writeFile(keys, opened.replace(line ?? '', ''))
      const shut = JSON.parse((await millwright(client, 'test far --json')).stdout)
      expect(shut).toMatchObject({ ok: false })
      await gate.writeFile(keys, opened)
    })

    describe('whoever does not answer', () => {
      /** Ten builds that only this builder may take; how long until all have given up, in milliseconds. */
      const buildMs = async ({ isNew = true } = {}) => {
        if (isNew) await client.must(['rm', '-rf', '/run/millwright/answers'])
        const list = Array.from({ length: 10 }, () => `(${derivation()})`).join('\n')
        await client.writeFile('/tmp/some.nix', `[\n${list}\n]`)
        const from = performance.now()
        const built = await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/some.nix'], {
          user: 'dev',
          timeoutMs: 60_000,
        })
        return { ...built, ms: performance.now() - from }
      }
      const login = () => client.exec(['ssh', 'millwright-far', 'true'], { timeoutMs: 30_000 })

      it('costs builds next to nothing, be it the builder or the machine in between, and is named', async () => {
        for (const [host, silent] of [
          [otto, 'it'],
          [gate, 'gate'],
        ] as const) {
          await millwright(client, 'pause far')
          const without = await buildMs()
          await millwright(client, 'resume far')
          await host.cutNetwork()
          const first = await buildMs()
          const then = await buildMs({ isNew: false })
          const said = await login()
          await host.mendNetwork()
          expect([first.code, then.code]).not.toContain(0)
          expect(first.ms).toBeLessThan(without.ms + 10_000)
          // Each login would wait five seconds.
          expect(then.ms).toBeLessThan(without.ms + 3000)
          expect(said.stderr).toMatch(
            new RegExp(`^Millwright did not try far: ${silent} did not answer \\d+ s ago\\.$`, 'm'),
          )
        }
        await client.must(['rm', '-rf', '/run/millwright/answers'])
        expect(
          await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/some.nix'], { user: 'dev' }),
        ).toMatchObject({ code: 0 })
        expect(await client.readFile('/run/millwright/answers/far')).toMatch(/^alive \d+\n$/)
      })
    })

    it('is removed there too', async () => {
      const other = await gate.readFile(keys)
      await gate.writeFile(keys, `${other.trimEnd()}\n`)
      expect(await millwright(client, 'remove far --yes')).toMatchObject({ code: 0, stderr: '' })
      expect(await gate.readFile(keys)).not.toContain('millwright')
      expect(await client.readFile('/root/.ssh/config')).toContain('Host far')
    })
  },
)
