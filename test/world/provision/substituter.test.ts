import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { derivation, thisSystem } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const
const paths = ['/etc', '/root', '/home', '/var/lib/millwright']
const exclude = [
  '/etc/nix/millwright/gen-*',
  '/etc/nix/millwright/current',
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root', '/home/dev', '/home/boss', '/home/plain'].flatMap((home) => [
    `${home}/.cache`,
    `${home}/.local`,
    `${home}/.nix-defexpr`,
    `${home}/.nix-profile`,
  ]),
]
const nix = ['nix', '--extra-experimental-features', 'nix-command']

describe.skipIf(!isRoot)('a builder as substituter (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host
  let anna: Host
  let before: Awaited<ReturnType<typeof trees>>
  let added: typeof before

  /** Everything but old generations; of the one in force, what it says. */
  const trees = async () => ({
    client: await client.tree(paths, { exclude }),
    anna: await anna.tree(paths, { exclude }),
    inForce: await client.sh(
      'cd /etc/nix/millwright/current && cat machines nix.conf ssh_config known_hosts',
    ),
  })
  const must = async (line: string, user = 'root') => {
    const { code, stderr, stdout } = await millwright(client, line, { user })
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
    return stdout
  }
  /** Builds something new on a host itself; returns the Nix text, to be asked for elsewhere. */
  const buildOn = async (host: Host, options: readonly string[] = [], user = 'plain') => {
    const text = derivation()
    await host.writeFile('/tmp/made.nix', text)
    const out = (
      await host.must(['nix-build', '--no-out-link', ...options, '/tmp/made.nix'], { user })
    ).trim()
    return { text, out }
  }
  /** Asks for it on the client, where nothing may be built: it is copied, or it fails. */
  const fetch = async ({ text }: { text: string }, user: string, options: readonly string[] = []) => {
    await client.writeFile('/tmp/wanted.nix', text)
    const argv = [
      'nix-build',
      '--no-out-link',
      '-j0',
      '--option',
      'builders',
      '',
      ...options,
      '/tmp/wanted.nix',
    ]
    const { code, stdout, stderr } = await client.exec(argv, { user, timeoutMs: 40_000 })
    return { code, stderr, on: code === 0 ? (await client.readFile(stdout.trim())).trim() : undefined }
  }
  /** Many paths by one build on anna. */
  const buildMany = async (count: number) => {
    const outputs = Array.from({ length: count }, (_, index) => `o${index}`)
    await anna.writeFile(
      '/tmp/many.nix',
      `derivation { name = "many"; system = "${thisSystem}"; builder = "/bin/sh"; outputs = [ ${outputs.map((name) => `"${name}"`).join(' ')} ];
        args = [ "-c" "for o in $outputs; do eval \\"echo $o >\\\\$$o\\"; done" ]; nonce = "${Math.random()}"; }`,
    )
    await anna.must(['nix-build', '--no-out-link', '/tmp/many.nix'], { user: 'plain', timeoutMs: 50_000 })
  }
  const unsigned = async () => {
    const lines = (await anna.must([...nix, 'path-info', '--all', '--sigs'])).trim().split('\n')
    return lines.filter((line) => !/\.drv\s|\.drv$| ca:/.test(line) && !line.includes('millwright-anna-'))
      .length
  }
  const isSigning = async () => (await anna.sh('ls /var/lib/millwright/unsigned.* 2>/dev/null')).code === 0

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    anna = fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    const conf = await client.readFile('/etc/nix/nix.conf')
    await client.writeFile('/etc/nix/nix.conf', `${conf}trusted-users = root boss\n`)
    await client.restartDaemon()
    before = await trees()
    for (const id of ['anna', 'otto']) {
      await must(`add easy@${id} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`)
    }
    added = await trees()
  }, 60_000)

  afterAll(() => fleet?.close())

  it('is offered with what it had before, and then each user decides without root', async () => {
    const old = await buildOn(anna)
    expect(await fetch(old, 'dev')).toMatchObject({ code: 1 })
    expect(await must('substituter anna on --yes')).toContain('Nix copies what anna has, for you.')
    const { builders } = JSON.parse(await must('list --json'))
    expect(builders[0].substituter).toEqual({ offered: true, me: true, everyone: false })
    expect(await unsigned()).toBe(0)
    expect(await fetch(old, 'dev')).toMatchObject({ code: 1 })
    await must('substituter anna on', 'dev')
    expect(await fetch(old, 'dev')).toMatchObject({ code: 0, on: 'anna' })
    const files = await must('files', 'dev')
    expect(files).toContain('/home/dev/.config/nix/millwright.conf')
    expect(await must('files')).toContain('/var/lib/millwright/signing-key')
    for (const user of ['root', 'dev']) {
      expect(await fetch(await buildOn(anna), user)).toMatchObject({ code: 0, on: 'anna' })
    }
    await must('substituter anna off', 'dev')
    expect(await fetch(await buildOn(anna), 'dev')).toMatchObject({ code: 1 })
    expect((await client.exec(['test', '-e', '/home/dev/.config'])).code).toBe(1)
  })

  it('gives nothing that is unsigned, to nobody', async () => {
    const plain = await buildOn(anna, ['--option', 'secret-key-files', ''], 'root')
    for (const user of ['root', 'boss', 'dev']) {
      await must('substituter anna on', user)
      const { code, stderr } = await fetch(plain, user)
      expect(code).toBe(1)
      if (user !== 'dev') expect(stderr).toContain('not signed by any of the keys')
    }
  })

  it('is the only one: a builder whose key nobody trusts is refused', async () => {
    const otto = fleet.host('otto')
    const foreign = await buildOn(otto)
    await otto.must([
      'nix-store',
      '--generate-binary-cache-key',
      'millwright-anna-1',
      '/tmp/secret',
      '/tmp/public',
    ])
    await otto.must([...nix, 'store', 'sign', '-k', '/tmp/secret', foreign.out])
    const use = ['--option', 'extra-substituters', 'ssh-ng://millwright-otto?priority=50']
    const asDev = await fetch(foreign, 'dev', use)
    expect(asDev.code).toBe(1)
    expect(asDev.stderr).toContain('ignoring untrusted substituter')
    const asRoot = await fetch(foreign, 'root', use)
    expect(asRoot.code).toBe(1)
    expect(asRoot.stderr).toContain('not signed by any of the keys')
  })

  it('serves everyone when everyone is to have it', async () => {
    for (const user of ['root', 'boss', 'dev']) await must('substituter anna off', user)
    expect(await fetch(await buildOn(anna), 'dev')).toMatchObject({ code: 1 })
    expect(await must('substituter anna on --everyone --yes')).toContain('for everyone')
    for (const user of ['root', 'boss', 'dev']) {
      expect(await fetch(await buildOn(anna), user)).toMatchObject({ code: 0, on: 'anna' })
    }
  })

  it('loses the role with a pause and gets it back, for me and for everyone', async () => {
    await must('substituter anna on')
    await must('pause anna')
    expect(await client.readFile('/etc/nix/millwright/current/nix.conf')).not.toContain('ssh-ng://')
    expect((await client.exec(['test', '-e', '/root/.config'])).code).toBe(1)
    for (const user of ['root', 'dev']) {
      expect(await fetch(await buildOn(anna), user)).toMatchObject({ code: 1 })
    }
    await must('resume anna')
    for (const user of ['root', 'dev']) {
      expect(await fetch(await buildOn(anna), user)).toMatchObject({ code: 0, on: 'anna' })
    }
  })

  it('says so when a person’s own configuration is read-only, and changes nothing', async () => {
    await client.writeFile('/home/dev/.config/nix/nix.conf', 'cores = 1\n', { mode: '0444', owner: 'dev' })
    const { code, stderr } = await millwright(client, 'substituter anna on', { user: 'dev' })
    expect(code).toBe(1)
    expect(stderr).toContain('/home/dev/.config/nix/nix.conf')
    const { builders } = JSON.parse((await millwright(client, 'list --json', { user: 'dev' })).stdout)
    expect(builders[0].substituter).toEqual({ offered: true, me: false, everyone: true })
    await client.must(['rm', '-r', '/home/dev/.config'])
  })

  it('costs a short wait and no build when it is gone', async () => {
    await anna.cutNetwork()
    await client.writeFile('/tmp/local.nix', derivation())
    const startedMs = Date.now()
    const argv = ['nix-build', '--no-out-link', '--option', 'builders', '', '/tmp/local.nix']
    const built = await client.exec(argv, { user: 'dev', timeoutMs: 40_000 })
    const tookMs = Date.now() - startedMs
    await client.writeFile('/tmp/local.nix', derivation())
    const without = await client.exec([...argv, '--option', 'fallback', 'false'], { user: 'dev' })
    await anna.mendNetwork()
    expect(built).toMatchObject({ code: 0 })
    expect(tookMs).toBeLessThan(8000)
    expect(without.code).toBe(1) // why root's nix.conf says fallback = true
  })

  it('is taken back on both sides, byte by byte', async () => {
    await must('substituter anna off --everyone --yes')
    expect(await trees()).toEqual(added)
    expect(await fetch(await buildOn(anna), 'dev')).toMatchObject({ code: 1 })
    await must('substituter anna off --everyone --yes')
    expect(await trees()).toEqual(added)
  })

  it('goes on signing where it was killed', async () => {
    await buildMany(400)
    const killed = millwright(client, 'substituter anna on --yes')
    await until('it signs', isSigning)
    await client.must(['pkill', '-KILL', '-f', 'main/cli.js substituter'])
    await killed
    await until('it has stopped over there', async () => !(await isSigning()))
    const left = await unsigned()
    expect(left).toBeGreaterThan(0)
    await must('substituter anna on --yes')
    expect(await unsigned()).toBe(0)
    await must('substituter anna off --everyone --yes')
    expect(await trees()).toEqual(added)
  }, 60_000)

  it('says so when it dies while it signs, and breaks nothing', async () => {
    await buildMany(400)
    const offering = millwright(client, 'substituter anna on --yes')
    await until('it signs', isSigning)
    await anna.stopSshd()
    const { code, stderr } = await offering
    expect(code).toBe(1)
    expect(stderr).toMatch(/Left behind: The key on .*millwright substituter anna off --everyone/)
    expect(stderr).toMatch(/anna.*connection|connection.*anna/i)
    expect(await client.readFile('/etc/nix/millwright/current/nix.conf')).not.toContain('substituters')
    await client.writeFile('/tmp/local.nix', derivation())
    const argv = ['nix-build', '--no-out-link', '--option', 'builders', '', '/tmp/local.nix']
    expect(await client.exec(argv, { user: 'dev' })).toMatchObject({ code: 0 })
    await anna.startSshd()
    await must('substituter anna off --everyone --yes')
    expect(await trees()).toEqual(added)
  }, 60_000)

  it('goes with the builder, on both sides', async () => {
    await must('substituter anna on --everyone --yes')
    await must('substituter anna on')
    await must('remove otto --yes')
    await must('remove anna --yes')
    expect(await trees()).toEqual(before)
    const shown = await client.must([...nix, 'show-config'], { user: 'dev' })
    expect(shown).not.toContain('millwright')
    await client.writeFile('/tmp/local.nix', derivation())
    expect(
      await client.exec(['nix-build', '--no-out-link', '/tmp/local.nix'], { user: 'dev' }),
    ).toMatchObject({ code: 0 })
  })
})
