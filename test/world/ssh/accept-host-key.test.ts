import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { installHelperOn } from '../kit/install-helper'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder' } as const

describe.skipIf(!isRoot)('a changed host key (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let anna: Host

  const listed = async () =>
    JSON.parse((await millwright(client, 'list --json')).stdout).builders.find(
      ({ id }: { id: string }) => id === 'anna',
    )
  const status = async () => JSON.parse((await millwright(client, 'test anna --json')).stdout)
  const fingerprintOf = async (type: string) => {
    const { stdout } = await anna.sh(`ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub`)
    return stdout.split(' ')[1] ?? ''
  }
  const reinstall = async () => {
    await anna.sh('rm /etc/ssh/ssh_host_*_key*; ssh-keygen -A')
    await anna.stopSshd()
    await anna.startSshd()
  }
  const stranger = `SHA256:${'A'.repeat(43)}`

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

  it('that did not change is left as it is', async () => {
    const before = await listed()
    const { code, stdout } = await millwright(client, 'accept-host-key anna')
    expect(code).toBe(0)
    expect(stdout).toContain('the one that it had before')
    expect(await listed()).toEqual(before)
  })

  it('is accepted by nobody but the one who gives its fingerprint', async () => {
    const pinned = (await listed()).hostKeys
    await reinstall()
    expect((await status()).failure.code).toBe('HOST_KEY_CHANGED')
    expect((await listed()).enabled).toBe(false)

    const unanswered = await millwright(client, 'accept-host-key anna')
    expect(unanswered.code).toBe(3)
    const wrong = await millwright(client, `accept-host-key anna --accept-host-key ${stranger}`)
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('was not confirmed')
    for (const option of ['--yes', '--trust-new-host-key'])
      expect((await millwright(client, `accept-host-key anna ${option}`)).code).toBe(2)

    expect((await listed()).hostKeys).toEqual(pinned)
    expect((await status()).failure.code).toBe('QUARANTINED')
  })

  it('is pinned alone, proven and on again once its fingerprint is given', async () => {
    const [before] = (await listed()).hostKeys
    const now = await fingerprintOf('ed25519')
    const { code, stdout, stderr } = await millwright(client, `accept-host-key anna --accept-host-key ${now}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(now)
    const builder = await listed()
    expect(builder.hostKeys).toEqual([{ type: 'ssh-ed25519', fingerprint: now }])
    expect(builder.hostKeys).not.toContainEqual(before)
    expect(builder.enabled).toBe(true)
    expect((await status()).ok).toBe(true)
  })

  it('needs an administrator', async () => {
    await reinstall()
    await status()
    const now = await fingerprintOf('ed25519')
    const refused = await millwright(client, `accept-host-key anna --accept-host-key ${now}`, { user: 'dev' })
    expect(refused.code).toBe(4)
    expect((await status()).failure.code).toBe('QUARANTINED')
    expect((await millwright(client, `accept-host-key anna --accept-host-key ${now}`)).code).toBe(0)
  })

  it('that was accepted holds for Millwright’s own logins too: removing works', async () => {
    expect((await millwright(client, 'remove anna --yes')).code).toBe(0)
  })
})
