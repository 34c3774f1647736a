import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { derivation, writeBuildersName } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const

describe.skipIf(!isRoot)(
  'builders that stop answering (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host
    let anna: Host
    let app: WatchingApp

    const isOn = (id: string) =>
      readFileSync(`/proc/${client.pid}/root/etc/nix/millwright/current/machines`, 'utf8').includes(`-${id} `)
    /** Returns how long it took, in ms. */
    const turned = async (id: string, on: boolean, deadlineMs = 30_000) => {
      const start = performance.now()
      await until(`${id} is ${on ? 'on' : 'off'}`, async () => isOn(id) === on, deadlineMs)
      return Math.round(performance.now() - start)
    }
    const shows = (id: string, state: string, deadlineMs = 30_000) =>
      until(`${id} is shown ${state}`, async () => app.shown(id)?.state === state, deadlineMs)
    const buildAsDev = async () => {
      await client.writeFile('/tmp/build.nix', derivation({ script: writeBuildersName }))
      const start = performance.now()
      const built = await client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/build.nix'], {
        user: 'dev',
        timeoutMs: 60_000,
      })
      const ms = Math.round(performance.now() - start)
      return { code: built.code, on: (await client.readFile(built.stdout.trim())).trim(), ms }
    }
    const signalSshd = (signal: string) => anna.sh(`pkill -${signal} -x sshd`)

    /** How many connections the client has begun so far. */
    const connects = async () =>
      Number((await client.must(['awk', '/^Tcp: [0-9]/ { print $6 }', '/proc/net/snmp'])).trim())

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      anna = fleet.host('anna')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      for (const id of ['anna', 'otto'] as const) {
        const added = await millwright(
          client,
          `add easy@${id} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`,
        )
        expect(added).toMatchObject({ code: 0, stderr: '' })
      }
    })

    afterAll(() => fleet?.close())

    beforeEach(async () => {
      expect([isOn('anna'), isOn('otto')]).toEqual([true, true])
      app = await startWatchingApp(client)
      const held = async () =>
        (await anna.sh('ss -Hnt state established "( sport = :22 )"')).stdout.trim() !== ''
      await until('the app watches anna', held)
      // What a resume before this test insisted on ends with the first answer.
      const note = '/root/.local/share/millwright/switches/anna.json'
      await until('anna has answered', async () => (await client.exec(['test', '-e', note])).code === 1)
    })

    afterEach(async () => {
      await app.close()
      await anna.startSshd()
      expect(await millwright(client, 'resume anna')).toMatchObject({ code: 0, stderr: '' })
    })

    it.each([
      ['whose sshd ends', () => anna.stopSshd(), () => anna.startSshd(), 3_000],
      ['whose network is cut', () => anna.cutNetwork(), () => anna.mendNetwork(), 11_000],
      ['that freezes', () => signalSshd('STOP'), () => signalSshd('CONT'), 11_000],
    ])('suspends one %s, builds on the other, and lets it back', async (what, fault, mend, withinMs) => {
      await fault()
      const offMs = await turned('anna', false)
      const built = await buildAsDev()
      expect(built).toMatchObject({ code: 0, on: 'otto' })
      await shows('anna', 'suspended')
      const { suspendedSince, failure } = app.shown('anna') ?? {}
      expect(Date.parse(suspendedSince ?? '')).toBeGreaterThan(Date.now() - 60_000)
      expect(failure).toMatch(/^(CONNECTION_REFUSED|UNREACHABLE|TIMED_OUT|CONNECTION_LOST)$/)
      await mend()
      const onMs = await turned('anna', true)
      await shows('anna', 'ready')
      console.log(`${what}: off after ${offMs} ms, build ${built.ms} ms, back after ${onMs} ms`)
      expect(offMs).toBeLessThan(withinMs)
    })

    it('leaves a pause alone, whatever the builder does', async () => {
      app.send({ pause: { id: 'anna' } })
      await turned('anna', false)
      await anna.stopSshd()
      await buildAsDev()
      await anna.startSshd()
      await buildAsDev()
      expect(isOn('anna')).toBe(false)
      expect(app.states('anna')).not.toContain('suspended')
      app.send({ resume: { id: 'anna' } })
      await turned('anna', true)
    })

    it('lets the person pause a suspended one, from a terminal, for good', async () => {
      await anna.stopSshd()
      await turned('anna', false)
      expect((await millwright(client, 'pause anna')).code).toBe(0)
      await shows('anna', 'paused')
      await anna.startSshd()
      await buildAsDev()
      await buildAsDev()
      expect(isOn('anna')).toBe(false)
    })

    it('lets a suspended one back when the app is quit, since nobody would later', async () => {
      await anna.stopSshd()
      await turned('anna', false)
      await app.close()
      expect(isOn('anna')).toBe(true)
    })

    it('leaves one on that the person resumed, until it has answered and failed again', async () => {
      await anna.stopSshd()
      await turned('anna', false)
      await shows('anna', 'suspended')
      app.send({ resume: { id: 'anna' } })
      await shows('anna', 'unreachable')
      const before = await connects()
      await until('two more looks at anna', async () => (await connects()) >= before + 2, 20_000)
      expect(isOn('anna')).toBe(true)
      await anna.startSshd()
      await shows('anna', 'ready')
      await anna.stopSshd()
      await turned('anna', false)
      await anna.startSshd()
      await turned('anna', true, 40_000)
    })

    it('looks again at what an earlier run suspended, and holds one back that flaps', async () => {
      await anna.stopSshd()
      await turned('anna', false)
      await app.close('kill')
      await anna.startSshd()
      app = await startWatchingApp(client)
      await turned('anna', true)
      await anna.stopSshd()
      await turned('anna', false)
      await anna.startSshd()
      expect(await turned('anna', true, 40_000)).toBeGreaterThan(13_000)
    })

    it('ends a pause when it is due, by the clock as it is then, also one made before a restart', async () => {
      app.send({ pause: { id: 'anna', forMs: 60_000 } })
      await turned('anna', false)
      await shows('anna', 'paused')
      expect(Date.parse(app.shown('anna')?.pausedUntil ?? '')).toBeGreaterThan(Date.now() + 50_000)
      await app.close()
      app = await startWatchingApp(client)
      expect(app.shown('anna')?.state).toBe('paused')
      app.send({ clockMs: 61_000 })
      await turned('anna', true)
    })

    it('shows how many builds a paused one has still to finish', async () => {
      await client.writeFile(
        '/tmp/long.nix',
        derivation({ script: `read -r line </tmp/go; ${writeBuildersName}` }),
      )
      for (const id of ['anna', 'otto'] as const) await fleet.host(id).sh('mkfifo -m 666 /tmp/go')
      const building = client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/long.nix'], { user: 'dev' })
      const where = () => (['anna', 'otto'] as const).find((id) => app.shown(id)?.runningBuilds === 1)
      await until('the build is counted', async () => where() !== undefined)
      const id = where() ?? 'anna'
      app.send({ pause: { id } })
      await shows(id, 'paused')
      expect(app.shown(id)?.runningBuilds).toBe(1)
      expect((await millwright(client, 'list')).stdout).toContain('1 build finishes first')
      await fleet.host(id).sh('echo >/tmp/go')
      expect((await building).code).toBe(0)
      await until('nothing builds there', async () => app.shown(id)?.runningBuilds === 0)
      app.send({ resume: { id } })
      await turned(id, true)
    })
  },
)
