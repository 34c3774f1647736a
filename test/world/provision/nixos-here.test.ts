import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { nodeOnHost } from '../fleet/on-host'
import type { Tree } from '../fleet/tree'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { installPackage, rebuildAsNixos } from '../kit/nixos-layout'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const exclude = ['/root/.cache', '/root/.local']
/** What a rebuild makes, and would make anew. */
const made = ['/etc']
const ours = ['/root', '/var/lib']
const include = '!include /var/lib/millwright/current/nix.conf\n'

describe.skipIf(!isRoot)('a computer that NixOS configures (needs root: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host
  let etc: Tree
  let rest: Tree

  let program: string | undefined
  const own = (line: string) =>
    program ? client.exec([nodeOnHost, program, ...line.split(' ')]) : millwright(client, line)
  const tree = (paths: readonly string[]) => client.tree(paths, { exclude })
  /** Builds something new by an ordinary user, nowhere here, and returns what is in its output. */
  const build = async () => {
    await client.writeFile('/tmp/build.nix', derivation())
    const command = ['nix-build', '-j0', '--no-out-link', '/tmp/build.nix']
    const ran = await client.exec(command, { user: 'dev' })
    return ran.code === 0 ? await client.readFile(ran.stdout.trim()) : ran.stderr
  }
  const add = () => own('add easy@anna --identity /root/key --trust-new-host-key --yes --max-jobs 2')
  const note = async () => {
    etc = await tree(made)
    rest = await tree(ours)
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    client = fleet.host('client')
    await rebuildAsNixos(client)
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
    await note()
  })
  afterAll(() => fleet?.close())

  it('gets a builder at once, without a rebuild, and with nothing touched that one makes', {
    timeout: 180_000,
  }, async () => {
    const planned = await own('add easy@anna --identity /root/key --trust-new-host-key --dry-run')
    expect(planned.stdout + planned.stderr).toContain('~root/.config/nix/nix.conf')
    expect(await add()).toMatchObject({ code: 0, stderr: '' })
    expect(await build()).toBe('anna\n')
    expect(await tree(made)).toEqual(etc)
    expect(await client.readFile('/root/.config/nix/nix.conf')).toBe(include)
  })

  it('has it paused, resumed and tested, and told truly', { timeout: 180_000 }, async () => {
    expect((await own('list')).stdout).toMatch(/anna .*ready/)
    expect((await own('pause anna')).code).toBe(0)
    expect(await build()).toContain('error:')
    expect((await own('resume anna')).code).toBe(0)
    expect(await build()).toBe('anna\n')
    expect((await own('test anna')).code).toBe(0)
    expect(await own('status')).toMatchObject({ code: 0, stderr: '' })
  })

  it('goes on through a rebuild', { timeout: 60_000 }, async () => {
    await rebuildAsNixos(client)
    expect(await build()).toBe('anna\n')
    expect(await tree(made)).toEqual(etc)
  })

  it('is as it was when the last one is removed', { timeout: 180_000 }, async () => {
    expect(await own('remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await tree(made)).toEqual(etc)
    expect(await tree(ours)).toEqual(rest)
  })

  it('declares Millwright and its package, and then not even root’s own files are touched', {
    timeout: 180_000,
  }, async () => {
    expect((await own('helper uninstall')).code).toBe(0)
    program = await installPackage(client)
    await rebuildAsNixos(client, { isDeclared: true })
    await note()
    expect(await add()).toMatchObject({ code: 0, stderr: '' })
    expect(await build()).toBe('anna\n')
    expect((await own('pause anna')).code).toBe(0)
    expect(await build()).toContain('error:')
    expect((await own('resume anna')).code).toBe(0)
    expect((await own('list')).stdout).toMatch(/anna .*ready/)
    expect(await client.readFile('/var/lib/millwright/current/ssh_config')).toContain(
      '/run/current-system/sw/libexec/millwright/millwright-answers',
    )
    expect(await tree(made)).toEqual(etc)
    expect(await tree(['/root'])).toEqual(
      Object.fromEntries(Object.entries(rest).filter(([path]) => path.startsWith('/root'))),
    )
  })

  it('is told, with the file, when a rebuild no longer declares it', { timeout: 180_000 }, async () => {
    await rebuildAsNixos(client)
    const listed = await own('list')
    expect(listed.code).toBe(1)
    expect(listed.stdout + listed.stderr).toMatch(/not used/)
    expect((await own('pause anna')).code).toBe(0)
    expect((await own('resume anna')).code).toBe(0)
    expect(await build()).toBe('anna\n')
    expect(await own('remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await client.tree(['/root', '/var/lib'], { exclude })).toEqual(rest)
  })
})
