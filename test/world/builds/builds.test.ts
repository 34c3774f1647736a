import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hooksIn } from '../../../core/builds/process-table'
import { countSlots, lockHolders } from '../../../core/nix/slots'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasLatestNix, hasNewerNix } from '../fleet/images'
import { type Finished, until } from '../fleet/process'
import { derivation, writeBuildersName } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const kinds = [
  ['2.8', 'client'],
  ...(hasNewerNix ? ([['2.26', 'client-new']] as const) : []),
  ...(hasLatestNix ? ([['2.34', 'client-latest']] as const) : []),
] as const

describe.skipIf(!isRoot).each(kinds)(
  'builds on behalf of a computer with Nix %s (needs root on Debian 12: sudo npm test -- world)',
  (_version, kind) => {
    let fleet: Fleet<'client' | 'anna' | 'otto'>
    let client: Host
    let app: WatchingApp
    const started: Promise<Finished>[] = []

    const running = (name: string) => app.builds().running.find((build) => build.name === name)
    const finished = (name: string) => app.builds().finished.find((build) => build.name === name)
    const shows = (what: string, isSo: () => boolean) => until(what, async () => isSo())
    /** Builds that end when they are let, by name; the first word of the script may fail. */
    const begin = async (
      user: string,
      names: readonly string[],
      { script = writeBuildersName, jobs = 0, attributes = '' } = {},
    ) => {
      const texts = names.map((name) => {
        const text = derivation({ name, script: `read -r line </tmp/go-${name}; ${script}` })
        return `(${text.replace('nonce', `${attributes} nonce`)})`
      })
      for (const name of names) for (const host of fleet.hosts) await host.sh(`mkfifo -m 666 /tmp/go-${name}`)
      const path = `/tmp/${user}-${names[0]}.nix`
      await client.writeFile(path, `[ ${texts.join('\n')} ]`)
      const argv = ['nix-build', '--no-out-link', `-j${jobs}`, path]
      started.push(client.exec(argv, { user, timeoutMs: 50_000 }))
    }
    /** Opened for both, the pipe lets go whoever waits for a writer, and the line is there for who reads it. */
    const drop = async (name: string) => {
      for (const host of fleet.hosts) await host.start('letting-go', ['sh', '-c', `echo >/tmp/go-${name}`])
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts: { client: kind, anna: 'builder', otto: 'builder' } })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      for (const id of ['anna', 'otto'] as const) {
        const add = `add easy@${id} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1 --max-jobs 2`
        expect(await millwright(client, add)).toMatchObject({ code: 0, stderr: '' })
      }
    })
    afterAll(() => fleet?.close())
    beforeEach(async () => {
      app = await startWatchingApp(client)
      await shows('a feed', () => app.builds().feed !== 'none')
    })
    afterEach(async () => {
      await app.close()
      await Promise.all(started.splice(0))
    })

    it('appear with builder, name and who, and vanish with how they ended', async () => {
      await begin('dev', ['hello-2.12', 'world-1.0'])
      await begin('boss', ['bad-3'], { script: 'exit 1' })
      await begin('boss', ['local-1.0'], { jobs: 1, attributes: 'preferLocalBuild = true;' })
      const names = ['hello-2.12', 'world-1.0', 'bad-3', 'local-1.0']
      await shows('all four builds', () => names.every((name) => running(name)?.activity === 'building'))
      expect(app.builds().feed).toBe('locks')
      expect(running('hello-2.12')).toMatchObject({ user: 'dev' })
      expect(running('world-1.0')).toMatchObject({ user: 'dev' })
      expect(running('bad-3')).toMatchObject({ user: 'boss' })
      expect(running('local-1.0')).toMatchObject({ user: 'boss' })
      expect(running('local-1.0')?.builder).toBeUndefined()
      const since = Date.now() - Date.parse(running('hello-2.12')?.startedAt ?? '')
      expect(since).toBeGreaterThan(0)
      expect(since).toBeLessThan(30_000)
      // What each builder runs is what is shown there.
      for (const name of names.slice(0, 3)) {
        const where = running(name)?.builder ?? ''
        expect(['anna', 'otto']).toContain(where)
        const there = await fleet.host(where as 'anna').sh(`pgrep -f 'read -r line </tmp/go-${name};'`)
        expect([name, there.code]).toEqual([name, 0])
      }

      const table = await client.must([
        'ps',
        '-axww',
        '-o',
        'pid=',
        '-o',
        'ppid=',
        '-o',
        'uid=',
        '-o',
        'command=',
      ])
      const hooks = hooksIn(table)
      const files = await client.must(['sh', '-c', 'cd /nix/var/nix/current-load && stat -c "%i %n" *'])
      const slots = files
        .split('\n')
        .map((line) => ({ inode: Number(line.split(' ')[0]), name: line.split(' ')[1] ?? '' }))
      const byLocks = countSlots(slots, lockHolders(await client.readFile('/proc/locks')))
      for (const [machine, count] of byLocks)
        expect([machine, hooks.filter((hook) => hook.machine === machine).length]).toEqual([machine, count])
      expect(hooks.map(({ uid }) => uid).sort()).toEqual([1000, 1000, 1001])

      for (const name of names) await drop(name)
      await shows('the end of all', () => app.builds().running.length === 0)
      expect(finished('hello-2.12')).toMatchObject({ outcome: 'built', user: 'dev' })
      expect(finished('world-1.0')?.outcome).toBe('built')
      expect(finished('bad-3')?.outcome).toBe('failed')
      expect(finished('local-1.0')?.outcome).toBe('built')
      expect(finished('hello-2.12')?.durationMs).toBeGreaterThan(500)
    })

    it('move through copying, and have an estimate from what was built before, also over a restart', async () => {
      await client.sh('head -c 40000000 /dev/urandom >/tmp/blob && chmod 644 /tmp/blob')
      for (const version of ['1.1', '1.2']) {
        const name = `again-${version}`
        await begin('dev', [name], { attributes: 'blob = /tmp/blob;' })
        await shows(`${name} builds`, () => running(name)?.activity === 'building')
        await drop(name)
        await shows(`${name} is built`, () => finished(name)?.outcome === 'built')
      }
      await app.close()
      app = await startWatchingApp(client)
      await begin('dev', ['again-1.3'])
      await shows('an estimate', () => (running('again-1.3')?.expectedMs ?? 0) > 0)
      await drop('again-1.3')
      await shows('the end', () => finished('again-1.3') !== undefined)
    })
  },
)
