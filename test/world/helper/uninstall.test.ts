import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { installHelperOn } from '../kit/install-helper'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder' } as const

describe.skipIf(!isRoot)('taking everything back (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  const tree = () =>
    client.tree(['/etc/nix', '/root', '/etc/ssh'], { exclude: ['/root/.local', '/root/.cache'] })
  const add = 'add easy@anna --identity /tmp/key --trust-new-host-key --yes --json'

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
  })

  afterAll(() => fleet?.close())

  it('leaves this computer as it was, and says what is left on each builder', async () => {
    const before = await tree()
    expect((await startMillwright(client, add).ended).last.result).toBe('added')
    await millwright(client, 'remote-only on')
    expect((await millwright(client, 'uninstall')).code).toBe(3)
    expect(await tree()).not.toEqual(before)

    const { code, stderr } = await millwright(client, 'uninstall --yes')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Left behind: anna \(anna\)\. .*shut this computer out: sed -i/m)
    expect(await tree()).toEqual(before)
    expect(JSON.parse((await millwright(client, 'list --json')).stdout).builders).toEqual([])
    expect(JSON.parse((await millwright(client, 'files --json')).stdout)).toMatchObject({
      local: [],
      remote: [],
    })
  })

  it('works where no generation of root’s files can be read any more', async () => {
    const before = await tree()
    const added = (await startMillwright(client, add.replace('--json', '--name anew --json')).ended).last
    expect(added).toMatchObject({ result: 'added' })
    await client.sh('for file in /etc/nix/millwright/gen-*/state.json; do echo broken >$file; done')
    const seen = JSON.parse((await millwright(client, 'list --json')).stdout)
    expect(seen.builders).toEqual([])
    expect((await millwright(client, 'uninstall --yes')).code).toBe(0)
    expect(await tree()).toEqual(before)
  })
})
