import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { derivation } from '../kit/derivation'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root/.cache', '/root/.local', '/home/solo/.cache', '/home/solo/.local'],
]
const paths = ['/etc', '/root', '/home', '/var/lib/millwright', '/usr/lib/millwright', '/run/millwright']
const own = '/home/solo/.config/nix'

/** The person has no sudo, and nobody has installed a helper. */
describe.skipIf(!isRoot)('a Nix that belongs to one person here (needs root: sudo npm test -- world)', () => {
  let fleet: Fleet<'mine' | 'anna' | 'bert'>
  let mine: Host
  let before: Record<string, Tree>

  const solo = (line: string) => millwright(mine, line, { user: 'solo' })
  const trees = async () => ({
    mine: await mine.tree(paths, { exclude }),
    anna: await fleet.host('anna').tree(paths, { exclude }),
    bert: await fleet.host('bert').tree(paths, { exclude }),
  })
  /** Builds something new, nowhere here, and returns what is in its output. */
  const build = async (options: readonly string[] = []) => {
    await mine.writeFile('/tmp/build.nix', derivation())
    const ran = await mine.exec(['nix-build', '-j0', '--no-out-link', ...options, '/tmp/build.nix'], {
      user: 'solo',
    })
    return ran.code === 0 ? await mine.readFile(ran.stdout.trim()) : ran.stderr
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { mine: 'single-user', anna: 'builder', bert: 'single-user' } })
    mine = fleet.host('mine')
    await mine.writeFile('/home/solo/key', fleet.credentials.key.privateKey, { mode: '0600', owner: 'solo' })
    before = await trees()
  })
  afterAll(() => fleet?.close())

  it('adds a builder without root, without a helper, and with nobody else’s files touched', {
    timeout: 180_000,
  }, async () => {
    const added = await solo('add easy@anna --identity /home/solo/key --trust-new-host-key --yes')
    expect(added).toMatchObject({ code: 0, stderr: '' })
    expect(await build()).toBe('anna\n')
    const { mine: now } = await trees()
    const changed = Object.keys(now).filter((path) => now[path] !== before.mine?.[path])
    expect(changed.filter((path) => !/^\/home\/solo(\/\.(config|ssh)(\/|$)|$)/.test(path))).toEqual([])
    expect(await mine.readFile(`${own}/nix.conf`)).toBe(`!include ${own}/millwright/current/nix.conf\n`)
    expect(await mine.readFile(`${own}/millwright/current/nix.conf`)).toContain(
      `builders = @/etc/nix/machines;@${own}/millwright/current/machines\n`,
    )
    expect((await mine.must(['stat', '-c', '%a %U', `${own}/millwright/keys/anna`])).trim()).toBe('600 solo')
  })

  it('pauses, resumes and tests it', { timeout: 180_000 }, async () => {
    expect((await solo('pause anna')).code).toBe(0)
    expect(await build()).toContain('error:')
    expect((await solo('resume anna')).code).toBe(0)
    expect(await build()).toBe('anna\n')
    expect((await solo('test anna')).code).toBe(0)
    expect((await solo('list')).stdout).toContain('ready')
  })

  it('switches both modes for the person, and has no everyone', { timeout: 180_000 }, async () => {
    expect((await solo('local-only on')).code).toBe(0)
    expect((await solo('list')).stdout).toContain('ready')
    expect(await build()).toContain('error:')
    expect(await solo('remote-only on')).toMatchObject({ code: 0, stderr: '' })
    await mine.writeFile('/tmp/build.nix', derivation())
    const remotely = await mine.must(['nix-build', '--no-out-link', '/tmp/build.nix'], { user: 'solo' })
    expect(await mine.readFile(remotely.trim())).toBe('anna\n')
    const everyone = await solo('remote-only on --everyone')
    expect(everyone.stderr).toContain('This Nix is yours alone')
    expect(everyone.code).not.toBe(0)
    expect((await solo('remote-only off')).code).toBe(0)
  })

  it('fetches from it what it has built, signed there', { timeout: 180_000 }, async () => {
    expect(await solo('substituter anna on')).toMatchObject({ code: 0, stderr: '' })
    const anna = fleet.host('anna')
    await anna.writeFile('/tmp/there.nix', derivation())
    const there = (await anna.must(['nix-build', '--no-out-link', '/tmp/there.nix'])).trim()
    await mine.must(['nix-store', '--realise', there, '-j0', '--option', 'builders', ''], { user: 'solo' })
    expect(await mine.readFile(there)).toBe('anna\n')
    expect(await solo('substituter anna off --everyone')).toMatchObject({ code: 0, stderr: '' })
  })

  it('adds the builder of a person too, beside it', { timeout: 180_000 }, async () => {
    const added = await solo('add solo@bert --identity /home/solo/key --trust-new-host-key --yes')
    expect(added).toMatchObject({ code: 0, stderr: '' })
    expect((await solo('pause anna')).code).toBe(0)
    expect(await build()).toBe('bert\n')
  })

  it('is nobody else’s: who does not own it is told whose it is', { timeout: 180_000 }, async () => {
    await mine.writeFile('/home/easy/key', fleet.credentials.key.privateKey, { mode: '0600', owner: 'easy' })
    const command = 'add easy@anna --identity /home/easy/key --trust-new-host-key --yes'
    const others = await millwright(mine, command, { user: 'easy' })
    expect(others.stderr).toContain('The Nix on this computer belongs to solo')
    await mine.must(['rm', '-r', '/home/easy/key', '/home/easy/.local'])
  })

  it('leaves every home and every /etc as it was', { timeout: 180_000 }, async () => {
    expect(await solo('remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await solo('remove bert --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await trees()).toEqual(before)
  })
})
