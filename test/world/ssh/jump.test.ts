import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
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

    beforeAll(async () => {
      fleet = await openFleet({ hosts: { client: 'client', gate: 'bare', otto: 'builder' } })
      client = fleet.host('client')
      gate = fleet.host('gate')
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

      await gate.writeFile(keys, (await gate.readFile(keys)).replace(line ?? '', ''))
      const shut = JSON.parse((await millwright(client, 'test far --json')).stdout)
      expect(shut).toMatchObject({ ok: false })
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
