import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasLatestNix } from '../fleet/images'
import { type Finished, until } from '../fleet/process'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const log = '/nix/var/log/nix/builds.json'

/** What Nix 2.30 and later tell of builds where `json-log-path` is set. */
describe.skipIf(!isRoot || !hasLatestNix)('builds by the log of Nix (needs root and: npm run setup)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host
  let app: WatchingApp
  let building: Promise<Finished> | undefined
  const running = (name: string) => app.builds().running.find((build) => build.name === name)
  const finished = (name: string) => app.builds().finished.find((build) => build.name === name)
  /** Says its phase and a line, then waits to be let go; the first word of the script may fail. */
  const begin = async (name: string, jobs: number, last = 'echo done >$out') => {
    const phase = `echo '@nix { "action": "setPhase", "phase": "checkPhase" }' >&2`
    const script = `${phase}; echo 'all is well'; read -r line </tmp/go-${name}; ${last}`
    for (const host of fleet.hosts) await host.must(['mkfifo', '-m', '666', `/tmp/go-${name}`])
    await client.writeFile(`/tmp/${name}.nix`, derivation({ name, script }))
    const argv = ['nix-build', '--no-out-link', `-j${jobs}`, `/tmp/${name}.nix`]
    building = client.exec([...argv, ...(jobs > 0 ? ['--builders', ''] : [])], {
      user: 'dev',
      timeoutMs: 50_000,
    })
  }
  const drop = async (name: string) => {
    for (const host of fleet.hosts) await host.start('letting-go', ['sh', '-c', `echo >/tmp/go-${name}`])
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client-latest', anna: 'builder' } })
    client = fleet.host('client')
    await client.must([
      'sh',
      '-c',
      `mkdir -p /nix/var/log/nix && echo 'json-log-path = ${log}' >>/etc/nix/nix.conf`,
    ])
    await client.restartDaemon()
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    const add = 'add easy@anna --identity /tmp/key --trust-new-host-key --yes --speed-factor 1'
    expect(await millwright(client, add)).toMatchObject({ code: 0, stderr: '' })
    app = await startWatchingApp(client)
  })
  afterAll(async () => {
    await app?.close()
    await building
    await fleet?.close()
  })

  it.each([
    ['on a builder', 'far-1.0', 0, 'anna'],
    ['on this computer', 'near-1.0', 1, undefined],
  ])('tell the phase and the last lines %s', async (_, name, jobs, builder) => {
    await begin(name, jobs)
    await until('a phase', async () => running(name)?.phase !== undefined)
    const build = running(name)
    expect(build).toMatchObject({ phase: 'checkPhase', activity: 'building', user: 'dev' })
    expect(build?.logTail).toContain('all is well')
    expect(build?.drvPath).toMatch(new RegExp(`^/nix/store/[a-z0-9]{32}-${name}\\.drv$`))
    expect(build?.builder).toBe(builder)
    expect(Date.now() - Date.parse(build?.startedAt ?? '')).toBeLessThan(20_000)
    expect(app.builds().feed).toBe('json-log')
    await drop(name)
    expect((await building)?.code).toBe(0)
    await until('its end', async () => finished(name) !== undefined)
    expect(finished(name)).toMatchObject({ outcome: 'built', user: 'dev' })
  })

  it('tell that a build on a builder failed', async () => {
    await begin('bad-1.0', 0, 'exit 1')
    await until('a phase', async () => running('bad-1.0')?.phase !== undefined)
    await drop('bad-1.0')
    expect((await building)?.code).not.toBe(0)
    await until('its end', async () => finished('bad-1.0') !== undefined)
    expect(finished('bad-1.0')).toMatchObject({ outcome: 'failed', builder: 'anna' })
  })

  it('tell no less where the log is cut or taken away meanwhile', async () => {
    await client.must(['truncate', '-s', '0', log])
    await begin('cut-1.0', 0)
    await until('a phase', async () => running('cut-1.0')?.phase !== undefined)
    await client.must(['rm', log])
    await until('the locks again', async () => app.builds().feed === 'locks')
    expect(running('cut-1.0')).toMatchObject({ builder: 'anna', user: 'dev' })
    await drop('cut-1.0')
    expect((await building)?.code).toBe(0)
  })
})
