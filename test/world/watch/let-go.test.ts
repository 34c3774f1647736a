import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const

describe.skipIf(!isRoot)(
  'builds that do not get to a builder, on real hosts (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host
    let app: WatchingApp

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      for (const name of ['anna', 'otto']) {
        const line = `add easy@${name} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`
        expect(await millwright(client, line)).toMatchObject({ code: 0, stderr: '' })
      }
      const startMs = Date.now()
      app = await startWatchingApp(client)
      const isProven = (id: string) => Date.parse(app.shown(id)?.health?.handshakeAt ?? '') > startMs
      await until('root has shaken hands with both', async () => ['anna', 'otto'].every(isProven), 20_000)
    })

    afterAll(async () => {
      await app?.close()
      await fleet?.close()
    })

    it('are seen within 10 s where root’s key is refused, although probes are answered', async () => {
      await client.must([
        ...['sh', '-c'],
        'rm /etc/nix/millwright/keys/anna; ssh-keygen -q -t ed25519 -N "" -f /etc/nix/millwright/keys/anna',
      ])
      await client.writeFile('/tmp/build.nix', derivation())
      const startMs = performance.now()
      const built = await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/build.nix'], {
        user: 'dev',
        timeoutMs: 60_000,
      })
      expect(built.code).toBe(0)
      const isSeen = async () => app.states('anna').some((state) => ['refused', 'suspended'].includes(state))
      await until('anna is seen to refuse', isSeen, 20_000)
      const seenMs = performance.now() - startMs
      console.log(`a refused key of root's: seen ${Math.round(seenMs)} ms after the build was asked for`)
      expect(seenMs).toBeLessThan(10_000)
      expect(app.shown('otto')?.state).toMatch(/ready|building/)
    })
  },
)
