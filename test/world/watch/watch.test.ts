import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { type BuilderFault, builderFaults } from '../kit/builder-faults'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const names = [
  'killed',
  'frozen',
  'unplugged',
  'rebooted',
  'full',
  'nixless',
  'fast',
  'rekeyed',
  'far',
] as const
type Name = (typeof names)[number]
const hosts = Object.fromEntries(names.map((name) => [name, 'builder'])) as Record<Name, 'builder'>

/** Low below 1 GiB on so small a disk, and no longer from 1.2 GiB on. */
const diskMiB = 1_700

interface Fault extends BuilderFault {
  readonly name: Name
  readonly what: string
  readonly state: string
  readonly failure: RegExp
  readonly title: RegExp
  readonly withinMs: number
  /** Nix does not send builds there either. */
  readonly isSuspended?: true
}

const drops = 2_000
/** By keep-alive, or by the next look with the handshake that it may call for. */
const hangs = 11_000

const faults: readonly Fault[] = [
  {
    ...builderFaults.killed,
    name: 'killed',
    what: 'whose sshd is killed',
    state: 'unreachable',
    failure: /^CONNECTION_(REFUSED|LOST)$/,
    title: /killed/,
    withinMs: drops,
    isSuspended: true,
  },
  {
    ...builderFaults.frozen,
    name: 'frozen',
    what: 'that freezes',
    state: 'unreachable',
    failure: /^(TIMED_OUT|CONNECTION_LOST)$/,
    title: /frozen/,
    withinMs: hangs,
    isSuspended: true,
  },
  {
    ...builderFaults.unplugged,
    name: 'unplugged',
    what: 'that is unplugged',
    state: 'unreachable',
    failure: /^(TIMED_OUT|UNREACHABLE)$/,
    title: /unplugged/,
    withinMs: hangs,
    isSuspended: true,
  },
  {
    ...builderFaults.full,
    name: 'full',
    what: 'whose disk fills up',
    state: 'disk-low',
    failure: /^REMOTE_DISK_LOW$/,
    title: /^full has \d+ MiB of space left$/,
    withinMs: hangs,
  },
  {
    ...builderFaults.nixless,
    name: 'nixless',
    what: 'whose Nix is removed',
    state: 'nix-broken',
    failure: /^REMOTE_NIX_GONE$/,
    title: /^The Nix of nixless is gone$/,
    withinMs: hangs,
    isSuspended: true,
  },
  {
    ...builderFaults.fast,
    name: 'fast',
    what: 'whose clock is ahead',
    state: 'needs-you',
    failure: /^REMOTE_CLOCK_WRONG$/,
    title: /^The clock of fast is 2 h 10 min ahead$/,
    withinMs: hangs,
  },
]

/** Counts who knocks at a port where nobody listens. */
const refuseAndCount = `add table inet counted
add chain inet counted in { type filter hook input priority 0; }
add rule inet counted in tcp dport 22 tcp flags syn counter
`

describe.skipIf(!isRoot)('watching builders (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | Name>
  let client: Host
  let app: WatchingApp
  const health = (name: Name) => app.shown(name)?.health
  /** Returns how long it took, in ms. */
  const turns = async (name: Name, state: string, deadlineMs: number, startMs = performance.now()) => {
    await until(`${name} is ${state}`, async () => health(name)?.state === state, deadlineMs)
    return Math.round(performance.now() - startMs)
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', ...hosts }, diskMiB })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    for (const name of names) {
      const line = `add easy@${name} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`
      expect(await millwright(client, line)).toMatchObject({ code: 0, stderr: '' })
    }
    const startMs = Date.now()
    app = await startWatchingApp(client)
    // By its last proof each is ready at once; here by a handshake of this run.
    const isProven = (name: Name) => Date.parse(health(name)?.handshakeAt ?? '') > startMs
    await until('root has shaken hands with each', async () => names.every(isProven), 40_000)
    expect(names.map((name) => health(name)?.state)).toEqual(names.map(() => 'ready'))
  }, 120_000)

  afterAll(async () => {
    await app?.close()
    await fleet?.close()
  })

  it.concurrent.each(faults)(
    'tells of one $what within $withinMs ms, and that it is well again',
    async (fault) => {
      const host = fleet.host(fault.name)
      const startMs = performance.now()
      const isTold = turns(fault.name, fault.state, fault.withinMs + 5_000, startMs)
      await fault.happens(host)
      const toldMs = await isTold
      const { failure = '', title = '', since = '' } = health(fault.name) ?? {}
      expect(failure).toMatch(fault.failure)
      expect(title).toMatch(fault.title)
      expect(Date.parse(since)).toBeGreaterThan(Date.now() - 30_000)
      // For Nix that is gone by root's own handshake, which fails then.
      if (fault.isSuspended)
        await until('it is suspended', async () => app.shown(fault.name)?.state === 'suspended')
      await fault.mended(host)
      const wellMs = await turns(fault.name, 'ready', 40_000)
      await until('Nix builds there', async () => app.shown(fault.name)?.state === 'ready')
      console.log(`${fault.what}: ${fault.state} after ${toldMs} ms, ready again after ${wellMs} ms`)
      expect(toldMs).toBeLessThan(fault.withinMs)
    },
  )

  it.concurrent('does not trust one that was started anew before root has shaken hands with it again', async () => {
    const host = fleet.host('rebooted')
    const before = health('rebooted')?.handshakeAt
    const isGone = turns('rebooted', 'unreachable', 7_000)
    await host.reboot()
    const toldMs = await isGone
    await turns('rebooted', 'ready', 30_000)
    console.log(`that is restarted: unreachable after ${toldMs} ms`)
    expect(Date.parse(health('rebooted')?.handshakeAt ?? '')).toBeGreaterThan(Date.parse(before ?? ''))
  })

  it.concurrent('looks at once when this computer is in another network', async () => {
    const host = fleet.host('far')
    await host.stopSshd()
    await turns('far', 'unreachable', 10_000)
    // By then it is looked at so rarely that an answer within a few seconds is no chance.
    await host.sh('nft -f -', { input: refuseAndCount })
    const refused = async () =>
      Number(/packets (\d+)/.exec((await host.sh('nft list table inet counted')).stdout)?.[1])
    await until('it was looked at three more times', async () => (await refused()) >= 3, 30_000)
    await host.startSshd()
    const startMs = performance.now()
    await client.must(['ip', 'addr', 'add', '10.214.0.2/24', 'dev', 'eth0'])
    const backMs = await turns('far', 'ready', 8_000, startMs)
    console.log(`in another network: ready again after ${backMs} ms`)
  })

  it.concurrent('refuses one whose host key changed, and leaves it to an administrator', async () => {
    const host = fleet.host('rekeyed')
    await host.sh("rm /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key")
    const startMs = performance.now()
    await host.stopSshd()
    await host.startSshd()
    await until('it is refused', async () => app.shown('rekeyed')?.state === 'refused', 15_000)
    console.log(`whose host key changed: refused after ${Math.round(performance.now() - startMs)} ms`)
    await until('it is in quarantine', async () => app.shown('rekeyed')?.failure === 'QUARANTINED', 15_000)
    await until('nobody watches it', async () => health('rekeyed') === undefined)
  })
})
