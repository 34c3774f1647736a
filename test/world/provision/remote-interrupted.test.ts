import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Machines, openMachines } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
type Hosts = 'anna'

describe.skipIf(!isRoot)('the far side (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<Hosts>

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder' })
  })

  afterAll(() => side?.close())

  describe('interrupted', () => {
    const lines = ['check', 'scripts', 'user', 'trust', 'daemon', 'keys'].flatMap((step) => [
      `step ${step} start`,
      `step ${step} done`,
    ])

    it('is taken back wholly after a kill at any step, and goes on where it was killed', async () => {
      const anna = await side.far('anna', 'root')
      const before = await side.tree('anna')
      const parameters = await anna.provision(side.install)
      const whole = await side.tree('anna')
      await anna.unprovision(parameters)
      for (const line of lines) {
        const killed = await anna.tryProvision(side.install, parameters, new RegExp(line))
        expect(killed, line).toMatchObject({ ok: false, failure: { code: 'REMOTE_SCRIPT_FAILED' } })
        expect(await anna.unprovision(parameters), line).toMatchObject({ ok: true })
        expect(await side.tree('anna'), line).toEqual(before)
      }
      for (const line of lines) await anna.tryProvision(side.install, parameters, new RegExp(line))
      await anna.provision(side.install)
      expect(await side.tree('anna')).toEqual(whole)
      for (const line of ['keys', 'trust', 'daemon', 'user', 'files'].map((step) => `step ${step} start`)) {
        await anna.unprovision(parameters, new RegExp(line))
      }
      expect(await anna.unprovision(parameters)).toMatchObject({ ok: true })
      expect(await side.tree('anna')).toEqual(before)
    }, 120_000)

    it('says so before it begins when the disk is full', async () => {
      const [host, anna] = [side.fleet.host('anna'), await side.far('anna', 'root')]
      const before = await side.tree('anna')
      const planned = await anna.plan(side.install)
      if (!planned.ok) throw new Error(planned.failure.code)
      const mount = ['mount', '-t', 'tmpfs', '-o', 'size=512k,mode=0755', 'full', '/var/lib']
      await host.must(mount)
      const outcome = await anna.tryProvision(side.install, planned.value.parameters)
      await host.must(['umount', '/var/lib'])
      expect(outcome).toEqual({
        ok: false,
        failure: { code: 'REMOTE_DISK_FULL', facts: { path: '/var/lib' } },
      })
      expect(await side.tree('anna')).toEqual(before)
    })

    it('leaves no half-written file when the disk fills up halfway', async () => {
      const [host, anna] = [side.fleet.host('anna'), await side.far('anna', 'root')]
      const planned = await anna.plan(side.install)
      if (!planned.ok) throw new Error(planned.failure.code)
      const bin = '/var/lib/millwright/bin'
      await host.must(['mkdir', '-p', bin])
      await host.must(['mount', '-t', 'tmpfs', '-o', 'size=4k,mode=0755', 'full', bin]) // holds one page
      const outcome = await anna.tryProvision(side.install, planned.value.parameters)
      const found = await host.must(['ls', bin])
      await host.must(['umount', bin])
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'REMOTE_DISK_FULL' } })
      expect(found).toBe('millwright-serve\n')
      expect(await anna.unprovision(planned.value.parameters)).toMatchObject({ ok: true })
      expect((await host.exec(['test', '-e', '/var/lib/millwright'])).code).toBe(1)
    })
  })
})
