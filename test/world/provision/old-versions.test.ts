import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'
import { firstLandingRecord, layFirstLanding } from './first-landing'

const isRoot = process.getuid?.() === 0
/** Copies that the tools of passwd(5) keep, and what the programs of this test themselves leave. */
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root/.cache', '/root/.local'],
]
const paths = ['/etc', '/root', '/var/lib/millwright']

describe.skipIf(!isRoot)(
  'a builder that the first landed version added (needs root: sudo npx vitest run --project world)',
  () => {
    let fleet: Fleet<'client' | 'anna'>
    let client: Host
    let anna: Host
    let before: readonly Tree[]
    const trees = () => Promise.all([client.tree(paths, { exclude }), anna.tree(paths, { exclude })])

    beforeEach(async () => {
      fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
      client = fleet.host('client')
      anna = fleet.host('anna')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      before = await trees()
      await layFirstLanding(client, anna)
    })
    afterEach(() => fleet?.close())

    it('is shown, switched, and removed by this one, and both sides are as they were before', async () => {
      const { stdout } = await millwright(client, 'list')
      expect(stdout).toMatch(/anna/)
      expect(await millwright(client, 'pause anna')).toMatchObject({ code: 0, stderr: '' })
      expect(JSON.parse(await client.readFile('/etc/nix/millwright/current/state.json'))).toMatchObject({
        builders: [{ id: 'anna', enabled: false }],
      })
      const removed = await millwright(client, 'remove anna --yes')
      expect(removed).toMatchObject({ code: 0, stderr: '' })
      expect(await trees()).toEqual(before)
      // Its watching key went with the last builder.
      const data = await client.must(['ls', '/root/.local/share/millwright/builders'])
      expect(data).toBe('')
      expect(await client.readFile('/root/.local/share/millwright/secrets.json')).toBe('{}\n')
    })

    it('is removed whole when its record is damaged, by what root’s files and the machine say', async () => {
      const whole = await client.readFile(firstLandingRecord)
      await client.writeFile(firstLandingRecord, whole.slice(0, 700), { mode: '0600' })
      const other = '/root/.local/share/millwright/builders/otto.json'
      await client.writeFile(other, '{"id": "otto"', { mode: '0600' })
      const config = 'Host anna\n  User easy\n  IdentityFile /tmp/key\n'
      await client.must(['sh', '-c', 'printf %s "$0" >>/root/.ssh/config', config])
      const removed = await millwright(client, 'remove anna --yes')
      expect(removed.stderr).not.toContain('Left behind')
      expect(removed.code).toBe(0)
      expect(await client.readFile('/root/.ssh/config')).toBe(config)
      expect((await trees())[1]).toEqual(before[1])
      expect(await client.must(['ls', '/root/.local/share/millwright/builders'])).toBe('otto.json.broken\n')
      // Another builder, whose record is lost too, lets in the same key.
      expect(await client.readFile('/root/.local/share/millwright/secrets.json')).toContain('monitor-key')
    })

    it('is left behind over there, with the commands, when its record is damaged and nobody can log in', async () => {
      await client.writeFile(firstLandingRecord, '{"id": "anna"', { mode: '0600' })
      const removed = await millwright(client, 'remove anna --yes --password-stdin', {
        input: 'wrong\n',
      })
      expect(removed.stderr).toMatch(
        /Left behind: .*as root, shut this computer out: sed .*millwright:0e1c9608:/,
      )
      expect(removed.stderr).toMatch(/Left behind: .*userdel nixremote/)
      expect(removed.stderr).toContain('To try that again: millwright remove anna')
      expect(removed.code).toBe(1)
      expect((await client.exec(['ls', '/etc/nix/millwright'])).code).not.toBe(0)
      expect(await anna.readFile('/etc/passwd')).toContain('nixremote')
      const config = 'Host anna\n  User easy\n  IdentityFile /tmp/key\n'
      await client.writeFile('/root/.ssh/config', config, { mode: '0600' })
      expect(await millwright(client, 'remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
      expect((await trees())[1]).toEqual(before[1])
    })

    it('is not touched when a later version wrote its record, and the words say so', async () => {
      const later = { version: 99, name: 'anna', builders: [] }
      await client.writeFile(firstLandingRecord, JSON.stringify(later), { mode: '0600' })
      const tree = await trees()
      const removed = await millwright(client, 'remove anna --yes')
      expect(removed.code).toBe(1)
      expect(removed.stderr).toContain('A later Millwright wrote this')
      expect(JSON.parse(await client.readFile(firstLandingRecord))).toEqual(later)
      expect(await trees()).toEqual(tree)
    })
  },
)
