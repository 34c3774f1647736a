import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasNewerNix } from '../fleet/images'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const old = { client: 'client', anna: 'builder', otto: 'builder' } as const
const newer = { newer: 'client-new' } as const
const folder = '/home/dev/.config/nix'
const nixConf = `${folder}/nix.conf`
/** No newline at the end, and a byte that is no UTF-8. */
const ownText = '# mine: caf\\351\\ncores = 1\\nkeep-failed = false'

describe.skipIf(!isRoot)('both modes on real hosts (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof old | keyof typeof newer>
  let client: Host

  const as = async (user: string, line: string, options: { env?: Record<string, string> } = {}) => {
    const { code, stdout, stderr } = await millwright(client, `${line} --json`, { user, ...options })
    return { code, stderr, said: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }
  }
  /** Where a user's next build runs, or what Nix says; one that prefers to be local unless told. */
  const build = async (user: string, { preferLocal = true, env = {} } = {}) => {
    const text = derivation()
    const file = `/tmp/${user}.nix`
    await client.writeFile(
      file,
      preferLocal ? text.replace('derivation {', 'derivation { preferLocalBuild = true;') : text,
    )
    const { code, stdout, stderr } = await client.exec(['nix-build', '--no-out-link', file], {
      user,
      env,
      timeoutMs: 60_000,
    })
    return code === 0 ? (await client.readFile(stdout.trim())).trim() : stderr
  }
  const builder = expect.stringMatching(/^(anna|otto)$/)
  const logOfDev = '/home/dev/.local/state/millwright/terminal.log'
  const homeOfDev = () => client.tree(['/home/dev', '/etc/nix/nix.conf'], { exclude: ['/home/dev/.local'] })
  const daemon = async () => (await client.sh('pgrep -o -x nix-daemon')).stdout.trim()

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { ...old, ...(hasNewerNix ? newer : {}) } as typeof old & typeof newer })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    await client.sh('echo "trusted-users = root boss" >>/etc/nix/nix.conf')
    for (const name of ['anna', 'otto']) {
      const added = await millwright(
        client,
        `add easy@${name} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`,
      )
      expect(added.stderr).toBe('')
    }
  })

  afterAll(() => fleet?.close())

  beforeEach(async () => {
    await client.sh(`rm -rf /home/dev/.config`)
    await client.must(
      ['sh', '-c', `mkdir -p ${folder} && printf '${ownText}' >${nixConf} && chmod 640 ${nixConf}`],
      {
        user: 'dev',
      },
    )
  })

  it('lets builders fetch inputs from caches themselves', async () => {
    const { stdout } = await client.sh('nix --extra-experimental-features nix-command show-config')
    expect(stdout).toContain('builders-use-substitutes = true\n')
  })

  it('builds only remotely for the one who asked, from the very next build on, and for nobody else', async () => {
    const before = await homeOfDev()
    expect(await build('dev')).toBe('client')
    const { code, stderr, said } = await as('dev', 'remote-only on')
    expect({ code, stderr, said }).toEqual({
      code: 0,
      stderr: '',
      said: { ok: true, mode: 'remote-only', scope: 'me', on: true, inForce: true },
    })
    expect(await build('dev')).toEqual(builder)
    expect(await build('boss')).toBe('client')
    expect(await build('root')).toBe('client')
    expect((await as('dev', 'list')).said.modes.remoteOnly).toEqual({ me: true, everyone: false })
    expect((await client.sh(`stat -c '%a %U' ${nixConf}`)).stdout.trim()).toBe('640 dev')

    expect((await as('dev', 'remote-only off')).said).toMatchObject({ ok: true, inForce: false })
    expect(await build('dev')).toBe('client')
    expect(await homeOfDev()).toEqual(before)
    expect(await client.exec(['find', '/home/dev/.local'])).toMatchObject({ stdout: '' })
  })

  it('takes back files and folders that were not there before', async () => {
    await client.sh('rm -rf /home/dev/.config')
    const before = await homeOfDev()
    expect((await as('dev', 'remote-only on')).said.ok).toBe(true)
    expect(await build('dev')).toEqual(builder)
    expect((await as('dev', 'remote-only off')).said.ok).toBe(true)
    expect(await homeOfDev()).toEqual(before)
  })

  it('lets builds fail in Nix’s own words while no builder is to be had', async () => {
    await as('dev', 'remote-only on')
    for (const id of ['anna', 'otto']) expect((await millwright(client, `pause ${id}`)).code).toBe(0)
    expect(await build('dev')).toMatch(/[Uu]nable to start any build/)
    expect(await build('boss')).toBe('client')
    for (const id of ['anna', 'otto']) expect((await millwright(client, `resume ${id}`)).code).toBe(0)
    expect(await build('dev')).toEqual(builder)
  })

  it('builds only locally for the one who asked, and that ends the other mode', async () => {
    const before = await homeOfDev()
    await as('dev', 'remote-only on')
    expect((await as('dev', 'local-only on')).said).toEqual({
      ok: true,
      mode: 'local-only',
      scope: 'me',
      on: true,
      inForce: true,
    })
    expect((await as('dev', 'list')).said.modes).toEqual({
      remoteOnly: { me: false, everyone: false },
      localOnly: { me: true },
    })
    expect(await build('dev', { preferLocal: false })).toBe('client')
    expect(await build('boss', { preferLocal: false })).toEqual(builder)
    expect((await as('dev', 'local-only off')).said.ok).toBe(true)
    expect(await homeOfDev()).toEqual(before)
  })

  it('builds only remotely for everyone through the helper, with the daemon running on', async () => {
    const [pid, before] = [await daemon(), await homeOfDev()]
    expect(await as('root', 'remote-only on --everyone')).toMatchObject({
      code: 0,
      said: { ok: true, mode: 'remote-only', scope: 'everyone', inForce: true },
    })
    for (const user of ['dev', 'boss', 'root']) expect(await build(user)).toEqual(builder)
    expect((await as('dev', 'list')).said.modes.remoteOnly).toEqual({ me: false, everyone: true })

    const alone = await as('dev', 'local-only on')
    expect(alone).toMatchObject({ code: 1, said: { ok: false, failure: { code: 'MODES_CONFLICT' } } })
    expect(alone.said.failure.cause).toContain('/etc/nix/millwright/current/nix.conf:')
    expect(await client.readFile(logOfDev)).toMatch(/ command=set-mode code=MODES_CONFLICT\n$/)
    expect((await millwright(client, 'remote-only off', { user: 'dev' })).stderr).toBe(
      'millwright: Build only remotely is still on for everyone.\n',
    )

    expect((await as('root', 'remote-only off --everyone')).said.ok).toBe(true)
    await as('root', 'remote-only on')
    await as('root', 'remote-only on --everyone')
    expect((await as('root', 'remote-only off --wherever')).said).toMatchObject({ ok: true, inForce: false })
    expect((await as('root', 'list')).said.modes.remoteOnly).toEqual({ me: false, everyone: false })
    for (const user of ['dev', 'boss', 'root']) expect(await build(user)).toBe('client')
    expect(await daemon()).toBe(pid)
    expect(await homeOfDev()).toEqual(before)
  })

  it('does not let somebody without an administrator switch it for everyone', async () => {
    const { code, said } = await as('dev', 'remote-only on --everyone')
    expect({ code, code2: said.failure.code }).toEqual({ code: 4, code2: 'NO_WAY_TO_ROOT' })
    expect(await build('boss')).toBe('client')
  })

  it('says which variable or line decides instead, and that is what Nix does', async () => {
    const env = { NIX_CONFIG: 'cores = 1\nmax-jobs = 2' }
    expect(await as('dev', 'remote-only on', { env })).toMatchObject({
      code: 1,
      said: { ok: false, inForce: false, overriddenBy: { setting: 'max-jobs', where: 'NIX_CONFIG:2' } },
    })
    expect(await build('dev', { env })).toBe('client')
    expect(await build('dev')).toEqual(builder)

    await client.sh(`printf '\\nmax-jobs = 3\\n' >>${nixConf}`)
    expect((await as('dev', 'remote-only on')).said.overriddenBy).toEqual({
      setting: 'max-jobs',
      where: `${nixConf}:5`,
    })
    expect(await build('dev')).toBe('client')

    const elsewhere = { NIX_USER_CONF_FILES: '/home/dev/other.conf' }
    expect((await as('dev', 'remote-only on', { env: elsewhere })).said.overriddenBy).toEqual({
      setting: 'max-jobs',
      where: 'NIX_USER_CONF_FILES',
    })
    const off = await as('dev', 'remote-only off', { env: { NIX_CONFIG: 'max-jobs = 0' } })
    expect(off.said).toMatchObject({ ok: false, inForce: true, overriddenBy: { where: 'NIX_CONFIG:1' } })
    expect(await client.readFile(nixConf)).toMatch(/keep-failed = false\nmax-jobs = 3\n$/)
  })

  it.each([
    ['read-only', `chmod 440 ${nixConf}`, 'USER_CONF_READ_ONLY'],
    ['in a folder that is', `chmod 550 ${folder}`, 'USER_CONF_READ_ONLY'],
    [
      'a link into a store',
      `install -m 0444 ${nixConf} /nix/store/made-conf && ln -sf /nix/store/made-conf ${nixConf}`,
      'USER_CONF_DECLARATIVE',
    ],
    ['broken', `printf '\\nmax-jobs=4\\n' >>${nixConf}`, 'LOCAL_NIX_CONF_BROKEN'],
    ['not what Nix takes for a number', `printf '\\ncores = many\\n' >>${nixConf}`, 'LOCAL_NIX_CONF_BROKEN'],
  ])('changes nothing where the person’s nix.conf is %s, and says so', async (_, spoil, expected) => {
    await client.must(['sh', '-c', spoil])
    const before = await homeOfDev()
    const { code, said } = await as('dev', 'remote-only on')
    expect({ code, failure: said.failure.code }).toEqual({ code: 1, failure: expected })
    expect(await homeOfDev()).toEqual(before)
  })

  it('keeps a link of the person’s own, and writes where it leads', async () => {
    await client.sh(`mv ${nixConf} /home/dev/dotfile && ln -s ../../dotfile ${nixConf}`)
    const before = await homeOfDev()
    expect((await as('dev', 'remote-only on')).said.ok).toBe(true)
    expect(await build('dev')).toEqual(builder)
    expect((await as('dev', 'remote-only off')).said.ok).toBe(true)
    expect(await homeOfDev()).toEqual(before)
    await client.sh('rm /home/dev/dotfile')
  })

  it('leaves a second administrator’s line alone, and says that it decides', async () => {
    const before = await client.readFile('/etc/nix/nix.conf')
    await client.sh('echo "max-jobs = 2" >>/etc/nix/nix.conf')
    const edited = await client.readFile('/etc/nix/nix.conf')
    const line = edited.trimEnd().split('\n').length
    expect(await as('root', 'remote-only on --everyone')).toMatchObject({
      code: 1,
      said: { ok: false, overriddenBy: { setting: 'max-jobs', where: `/etc/nix/nix.conf:${line}` } },
    })
    expect(await build('dev')).toBe('client')
    expect(await client.readFile('/etc/nix/nix.conf')).toBe(edited)
    await client.writeFile('/etc/nix/nix.conf', before)
    expect(await build('dev')).toEqual(builder)
    expect((await as('root', 'remote-only off --everyone')).said.ok).toBe(true)
    await as('root', 'remote-only on')
    await as('root', 'remote-only on --everyone')
    expect((await as('root', 'remote-only off --wherever')).said).toMatchObject({ ok: true, inForce: false })
    expect((await as('root', 'list')).said.modes.remoteOnly).toEqual({ me: false, everyone: false })
  })

  it.skipIf(!hasNewerNix)(
    'reads back what a newer Nix does, its own variables included (needs npm run setup)',
    async () => {
      const host = fleet.host('newer')
      const on = async (env: Record<string, string> = {}) =>
        JSON.parse((await millwright(host, 'remote-only on --json', { user: 'dev', env })).stdout)
      expect(await on()).toMatchObject({ ok: true, inForce: true })
      const show = ['nix', '--extra-experimental-features', 'nix-command', 'config', 'show', 'max-jobs']
      expect(await host.must(show, { user: 'dev' })).toBe('0\n')
      expect((await on({ NIX_CONFIG_HOME: '/home/dev/elsewhere' })).overriddenBy).toEqual({
        setting: 'max-jobs',
        where: 'NIX_CONFIG_HOME',
      })
      expect((await on({ NIX_CONFIG: 'max-jobs = 3' })).overriddenBy.where).toBe('NIX_CONFIG:1')
    },
  )

  it('keeps root’s own switch to root, also when the daemon starts anew, and refuses the one that would spread', async () => {
    expect((await as('root', 'remote-only on')).said.ok).toBe(true)
    await client.restartDaemon()
    expect(await build('root')).toEqual(builder)
    expect(await build('dev')).toBe('client')
    expect((await as('root', 'remote-only off')).said.ok).toBe(true)
    expect((await as('root', 'local-only on')).said.failure.code).toBe('MODE_REACHES_EVERYONE')
  })

  it('ends for the one who removes the last builder, since nothing could build any more', async () => {
    expect((await millwright(client, 'remote-only on')).code).toBe(0)
    for (const id of ['anna', 'otto']) {
      expect(await millwright(client, `remove ${id} --yes`)).toMatchObject({ code: 0, stderr: '' })
    }
    expect(await build('root')).toBe('client')
  })
})
