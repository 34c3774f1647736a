import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyRole } from '../../../core/provision/remote-files'
import { hasChroot } from '../fleet/images'
import { type KitMachine, type Machines, openMachines } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot || !hasChroot)('a Nix that only one program shows (needs root)', () => {
  let side: Machines<'cave'>

  beforeAll(async () => {
    side = await openMachines({ cave: 'chroot' })
  })

  afterAll(() => side?.close())

  const tree = async () => {
    const all = Object.entries(await side.tree('cave'))
    return Object.fromEntries(all.filter(([path]) => !/^\/home\/plain\/\.nix\/(store|var)(\/|$)/.test(path)))
  }

  /** The other two keys lead inside as well, and the first to nothing but Nix. */
  const expectKeys = async (machine: KitMachine) => {
    const by = (role: KeyRole, words: string, input = '') =>
      machine.withKey(side.install, role, 'plain', ['HOST', words], input)
    const [probe, collect, refused] = await Promise.all([
      by('monitor', 'x', '\n\n'),
      by('collect', 'millwright-collect count'),
      by('build', 'id'),
    ])
    expect(probe.stdout).toMatch(/^millwright-probe 2\n2 boot=.* nix=2\.8\.0 .*\n2 boot=/)
    expect(collect.stdout).toMatch(/millwright-collect 1 paths=\d+ bytes=\d+ done\n$/)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
  }

  it.each([
    [undefined, 'nix-user-chroot', 'ssh-ng'],
    ['bwrap', 'bwrap', 'ssh'],
    ['proot', 'proot', 'ssh-ng'],
    ['nix_wrapper.sh', 'wrapper', 'ssh'],
  ])('is a builder by %s, and afterwards all is as before', async (wrapper, kind, protocol) => {
    const machine = await side.far('cave', 'plain')
    const options = wrapper === undefined ? {} : { wrapper }
    const before = await tree()
    const facts = await machine.inspect(wrapper)
    expect(facts).toMatchObject({ ok: true, value: { wayIn: { kind }, nix: { storeOwner: 'plain' } } })
    expect(await tree()).toEqual(before)
    const parameters = await machine.provision(side.install, options)
    expect(await side.buildOn('cave', 'plain', protocol)).toBe('cave\n')
    if (wrapper === undefined) await expectKeys(machine)
    expect(await machine.unprovision(parameters)).toEqual({ ok: true, value: { left: [], kept: false } })
    expect(await tree()).toEqual(before)
  })

  it('is not taken for missing where the way leads to none', async () => {
    const cave = side.fleet.host('cave')
    await cave.must(['mv', '/home/plain/.nix/opt', '/home/plain/.nix/gone'])
    const planned = await (await side.far('cave', 'plain')).plan(side.install, { wrapper: 'bwrap' })
    await cave.must(['mv', '/home/plain/.nix/gone', '/home/plain/.nix/opt'])
    expect(planned).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_WAY_IN_FAILED', facts: { program: '/usr/bin/bwrap' } },
    })
  })

  it('says which of the named programs is not there', async () => {
    const planned = await (await side.far('cave', 'plain')).plan(side.install, { wrapper: 'nix-portable' })
    expect(planned).toMatchObject({ ok: false, failure: { code: 'REMOTE_WRAPPER_NOT_FOUND' } })
  })
})
