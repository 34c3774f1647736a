import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuilderSpec } from '../../../contract/builder'
import type { PublicKey } from '../../../contract/grammar'
import type { HelperRequest, HelperResult } from '../../../contract/helper'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { nodeOnHost } from '../fleet/on-host'
import { breakDaemon, mendDaemon } from '../kit/broken-daemon'
import { derivation, thisSystem } from '../kit/derivation'
import { callHelper, helperProgram, installHelperOn, resultOf } from '../kit/install-helper'

const isRoot = process.getuid?.() === 0
const ourFolder = '/etc/nix/millwright'
const paths = ['/etc', '/root', '/usr/share/polkit-1']

describe.skipIf(!isRoot)('the helper on real hosts (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | 'anna' | 'otto' | 'hole'>
  let client: Host
  let anna: BuilderSpec
  let otto: BuilderSpec

  const call = (request: HelperRequest) => callHelper(client, request)
  const put = (builder: BuilderSpec) => call({ op: 'put-builder', builder, restartDaemon: 'when-idle' })
  const tree = () => client.tree(paths)

  beforeAll(async () => {
    fleet = await openFleet({
      hosts: { client: 'client', anna: 'builder', otto: 'builder', hole: 'blackhole' },
    })
    client = fleet.host('client')
    anna = await specOf('anna')
    otto = await specOf('otto')
    const installed = await installHelperOn(client)
    expect(installed.stderr).toBe('')
  })

  afterAll(() => fleet?.close())

  it('installs twice with the same result, and says that it is ready', async () => {
    const before = await client.tree([...paths, '/usr/lib/millwright'])
    const again = await installHelperOn(client)
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'ready', hasPolicy: true, problems: [] })
    expect(await client.tree([...paths, '/usr/lib/millwright'])).toEqual(before)
  })

  it('answers its status to anybody, and nothing else', async () => {
    const ask = (request: HelperRequest) =>
      client.exec([helperProgram.switch], { user: 'dev', input: JSON.stringify(request) })
    expect(resultOf(await ask({ op: 'status' }))).toMatchObject({
      code: 'OK',
      status: { initialised: false },
    })
    expect(resultOf(await ask({ op: 'ping', id: 'anna' }))).toMatchObject({
      code: 'UNSUPPORTED',
      reason: 'not-root',
    })
  })

  it('takes a builder from its fields to a proven build, and back without a trace', async () => {
    const before = await tree()
    const added = await put(anna)
    expect(added).toMatchObject({ code: 'OK', generation: 2 })
    expect(await call({ op: 'ping', id: 'anna' })).toMatchObject({ reason: 'login-refused' })

    await authorise('anna', added)
    expect((await call({ op: 'ping', id: 'anna' })).latencyMs).toBeGreaterThan(0)

    const proof = await call({ op: 'prove', id: 'anna' })
    expect(proof).toMatchObject({ code: 'OK', proof: { builtOn: 'anna' } })
    const lines = (await client.readFile(proof.proof?.outPath ?? '')).split('\n')
    expect(lines[1]).toBe('anna')

    expect(await call({ op: 'remove-builder', id: 'anna' })).toMatchObject({ code: 'OK' })
    expect(await tree()).toEqual(before)
  })

  it('takes an IPv6 address however it is written', async () => {
    const long = { ...anna, host: '2001:DB8:0:0:0:0:0:1' }
    expect(await put(long)).toMatchObject({ code: 'OK' })
    expect(await client.readFile(`${ourFolder}/current/ssh_config`)).toContain(long.host)
    await call({ op: 'uninstall' })
  })

  it('lets nobody’s builds go to a builder that is off, and everybody’s to one that is on', async () => {
    await authorise('anna', await put(anna))
    expect((await buildAsDev()).code).not.toBe(0)
    await call({ op: 'set-enabled', id: 'anna', enabled: true })
    const built = await buildAsDev()
    expect(await client.readFile(built.stdout.trim())).toBe('anna\n')
    await call({ op: 'set-enabled', id: 'anna', enabled: false })
    expect((await buildAsDev()).code).not.toBe(0)
    await call({ op: 'uninstall' })
  })

  it('switches several at once, in one generation, or none of them', async () => {
    await put(anna)
    const { generation: before = 0 } = await put(otto)
    const both = { op: 'set-many-enabled', ids: ['anna', 'otto'], enabled: true } satisfies HelperRequest
    expect(await call(both)).toMatchObject({ code: 'OK', generation: before + 1 })
    const machines = await client.readFile(`${ourFolder}/current/machines`)
    expect(machines.match(/millwright-(anna|otto)/g)).toHaveLength(2)
    const stranger = { ...both, ids: ['anna', 'nobody'], enabled: false }
    expect(await call(stranger)).toMatchObject({ code: 'INVALID', reason: 'no-such-builder' })
    expect(await client.readFile(`${ourFolder}/current/machines`)).toBe(machines)
    await call({ op: 'uninstall' })
  })

  it('proves the one that is asked for, also when another one is on and faster', async () => {
    await authorise('anna', await put(anna))
    await authorise('otto', await put({ ...otto, speedFactor: 100 }))
    await call({ op: 'set-enabled', id: 'otto', enabled: true })
    expect(await call({ op: 'prove', id: 'anna' })).toMatchObject({ code: 'OK', proof: { builtOn: 'anna' } })
    const overOldProtocol = await put({ ...anna, protocol: 'ssh' })
    expect(overOldProtocol.code).toBe('OK')
    expect(await call({ op: 'prove', id: 'anna' })).toMatchObject({ code: 'OK', proof: { builtOn: 'anna' } })
    await call({ op: 'uninstall' })
  })

  it('says so when Nix built the proof elsewhere', async () => {
    const conf = await client.readFile('/etc/nix/nix.conf')
    await client.writeFile('/etc/nix/nix.conf', `${conf}trusted-users = nobody\n`)
    await authorise('anna', await put(anna))
    await authorise('otto', await put(otto))
    await call({ op: 'set-enabled', id: 'otto', enabled: true })
    expect(await call({ op: 'prove', id: 'anna' })).toMatchObject({ reason: 'built-elsewhere' })
    await call({ op: 'uninstall' })
    await client.writeFile('/etc/nix/nix.conf', conf)
    await client.restartDaemon()
  })

  it.each([
    ['a host that drops every packet', () => ({ host: fleet.address('hole') }), 'unreachable'],
    ['a port where nobody listens', () => ({ port: 2 }), 'connection-refused'],
    ['a name that nobody knows', () => ({ host: 'nobody.invalid' }), 'name-unresolved'],
    ['a user without Nix’s trust', () => ({ user: 'plain' }), 'not-trusted'],
    ['a feature that is not there', () => ({ mandatoryFeatures: ['gold'] }), 'build-refused'],
    ['a system that is not there', () => ({ systems: ['riscv64-linux'] }), 'build-refused'],
  ] as const)('names the reason for %s', async (_, change, reason) => {
    const spec = { ...anna, ...change(), mandatoryFeatures: [], ...change() } as BuilderSpec
    await authorise('anna', await put(spec), spec.user)
    expect(await call({ op: 'prove', id: 'anna' })).toMatchObject({ code: 'NEEDS_ATTENTION', reason })
    await call({ op: 'uninstall' })
  })

  it('names a greeting that breaks Nix’s handshake', async () => {
    const home = fleet.host('anna')
    await authorise('anna', await put(anna))
    const bashrc = await home.readFile('/root/.bashrc').catch(() => '')
    await home.writeFile('/root/.bashrc', 'echo Welcome to anna\n')
    const refused = await call({ op: 'ping', id: 'anna' })
    expect(refused).toMatchObject({ reason: 'protocol-mismatch' })
    expect(refused.detail).toContain('Welcome')
    await home.writeFile('/root/.bashrc', bashrc)
    await call({ op: 'uninstall' })
  })

  it('puts a builder with another host key in quarantine, until an administrator clears it', async () => {
    await authorise('anna', await put({ ...anna, hostKeys: otto.hostKeys }))
    await call({ op: 'set-enabled', id: 'anna', enabled: true })
    expect(await call({ op: 'ping', id: 'anna' })).toMatchObject({ reason: 'host-key-changed' })
    expect((await status()).builders[0]).toMatchObject({ enabled: false, quarantined: true })
    for (const request of [
      { op: 'set-enabled', id: 'anna', enabled: true },
      { op: 'ping', id: 'anna' },
      { op: 'prove', id: 'anna' },
    ] as const) {
      expect(await call(request)).toMatchObject({ code: 'INVALID', reason: 'quarantined' })
    }
    await call({ op: 'clear-quarantine', id: 'anna', hostKeys: anna.hostKeys })
    expect((await call({ op: 'ping', id: 'anna' })).code).toBe('OK')
    await call({ op: 'uninstall' })
  })

  it('lets an active session switch without a password, and no other', async () => {
    await put(anna)
    const desktop = await client.desktop()
    const input = JSON.stringify({ op: 'set-enabled', id: 'anna', enabled: true })
    const asked = ['pkexec', '--disable-internal-agent', helperProgram.switch]
    const active = await desktop.exec(asked, { input })
    expect(resultOf(active)).toMatchObject({ code: 'OK', generation: 3 })
    const outside = await client.exec(['sh', '-c', '"$@"; exit $?', 'sh', ...asked], { user: 'dev', input })
    expect(outside.code).toBe(127)
    expect(outside.stdout).toBe('')
    await call({ op: 'uninstall' })
  })

  it('lets nobody configure without an administrator', async () => {
    const desktop = await client.desktop()
    const before = await tree()
    const input = JSON.stringify({ op: 'put-builder', builder: anna, restartDaemon: 'always' })
    const refused = await desktop.exec(['pkexec', '--disable-internal-agent', helperProgram.configure], {
      input,
    })
    expect(refused.code).toBe(127)
    expect(refused.stdout).toBe('')
    expect(await tree()).toEqual(before)
  })

  it('keeps what each program may do apart', async () => {
    const asSwitch = (request: HelperRequest) =>
      client.exec([helperProgram.switch], { input: JSON.stringify(request) }).then(resultOf)
    for (const request of [
      { op: 'put-builder', builder: anna, restartDaemon: 'always' },
      { op: 'remove-builder', id: 'anna' },
      { op: 'clear-quarantine', id: 'anna', hostKeys: anna.hostKeys },
      { op: 'uninstall' },
    ] as const) {
      expect(await asSwitch(request)).toMatchObject({ code: 'INVALID', reason: 'grammar' })
    }
    for (const word of ['clear-quarantine', 'ensureKey', 'tearDown', 'addIncludes']) {
      expect(await client.readFile(helperProgram.switch)).not.toContain(word)
      expect(await client.readFile(helperProgram.configure)).toContain(word)
    }
  })

  it('lets two at once take turns', async () => {
    const results = await Promise.all([put(anna), put(otto)])
    expect(results.map(({ code }) => code)).toEqual(['OK', 'OK'])
    expect((await status()).builders.map(({ id }) => id).sort()).toEqual(['anna', 'otto'])
    const expectedGeneration = (await status()).generation ?? 0
    const race = await Promise.all([
      call({ op: 'set-enabled', id: 'anna', enabled: true, expectedGeneration }),
      call({ op: 'set-enabled', id: 'otto', enabled: true, expectedGeneration }),
    ])
    expect(race.map(({ code }) => code).sort()).toEqual(['CONFLICT', 'OK'])
    await call({ op: 'uninstall' })
  })

  it('rolls back to an old generation by writing it anew', async () => {
    await put(anna)
    await put(otto)
    await call({ op: 'set-enabled', id: 'anna', enabled: true })
    await call({ op: 'remove-builder', id: 'otto' })
    expect(await call({ op: 'rollback', generation: 4 })).toMatchObject({ code: 'OK', generation: 6 })
    expect((await status()).builders).toMatchObject([
      { id: 'anna', enabled: true },
      { id: 'otto', enabled: false },
    ])
    expect(await call({ op: 'rollback', generation: 40 })).toMatchObject({ reason: 'no-such-generation' })
    await call({ op: 'uninstall' })
  })

  it('keeps the ten latest generations', async () => {
    await put(anna)
    for (let round = 0; round < 12; round++) {
      await call({ op: 'set-enabled', id: 'anna', enabled: round % 2 === 0 })
    }
    expect((await status()).generations.map(({ generation }) => generation)).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 5),
    )
    await call({ op: 'uninstall' })
  })

  it('makes a key of its own for each builder, keeps it through changes, and never shows a private half', async () => {
    const first = await put(anna)
    expect(first.publicKey).toMatch(/^ssh-ed25519 /)
    expect((await put({ ...anna, speedFactor: 7 })).publicKey).toBe(first.publicKey)
    expect((await put(otto)).publicKey).not.toBe(first.publicKey)
    expect(JSON.stringify(await status())).not.toContain('PRIVATE KEY')
    await call({ op: 'remove-builder', id: 'anna' })
    expect((await put(anna)).publicKey).not.toBe(first.publicKey)
    await call({ op: 'uninstall' })
  })

  it('builds only remotely for everyone when told, and again here when told', async () => {
    await put(anna)
    await call({ op: 'set-mode', remoteOnly: true })
    expect((await build([])).code).not.toBe(0)
    await call({ op: 'set-mode', remoteOnly: false })
    expect((await build([])).code).toBe(0)
    await call({ op: 'uninstall' })
  })

  it('changes nothing beside a nix.conf that Nix itself rejects', async () => {
    await withFile('/etc/nix/nix.conf', 'max-jobs=4\n', async () => {
      const before = await tree()
      expect(await put(anna)).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'nix-conf-broken' })
      expect(await tree()).toEqual(before)
    })
  })

  it('changes nothing beside a machines file that stops every builder, and names the line', async () => {
    await withFile('/etc/nix/machines', 'ssh://a x86_64-linux\nssh://b x86_64-linux - many\n', async () => {
      const before = await tree()
      const refused = await put(anna)
      expect(refused).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'machines-broken' })
      expect(refused.detail).toContain('/etc/nix/machines:2: ')
      expect(await tree()).toEqual(before)
    })
  })

  it('keeps a builders setting that was there', async () => {
    const conf = await client.readFile('/etc/nix/nix.conf')
    await withFile('/etc/nix/nix.conf', `${conf}builders = @/etc/nix/mine ; ssh://b`, async () => {
      const before = await tree()
      await put(anna)
      const shown = await client.must([
        'sh',
        '-c',
        'nix --extra-experimental-features nix-command show-config',
      ])
      expect(shown).toContain(`\nbuilders = @/etc/nix/mine;ssh://b;@${ourFolder}/current/machines\n`)
      await call({ op: 'uninstall' })
      expect(await tree()).toEqual(before)
    })
  })

  it('puts its line back where somebody took it out, and says so until then', async () => {
    await put(anna)
    await client.must(['sed', '-i', '/millwright/d', '/etc/nix/nix.conf'])
    expect((await status()).warnings).toEqual([expect.stringContaining('no longer includes')])
    expect(await put(anna)).toMatchObject({ code: 'OK', generation: 2 })
    expect((await status()).warnings).toEqual([])
    await client.must(['sh', '-c', 'echo "builders = " >>/etc/nix/nix.conf'])
    expect((await status()).warnings[0]).toContain('/etc/nix/nix.conf:')
    await client.must(['sed', '-i', '/^builders/d', '/etc/nix/nix.conf'])
    await call({ op: 'uninstall' })
  })

  it('tells its status also where the files of others are for root alone', async () => {
    await put(anna)
    await client.must([
      'sh',
      '-c',
      'echo ssh://b >/etc/nix/machines; chmod 0600 /etc/nix/machines /etc/nix/nix.conf',
    ])
    const input = '{"op":"status"}'
    const { status } = resultOf(await client.exec([helperProgram.switch], { user: 'dev', input }))
    expect(status?.builders.map(({ id }) => id)).toEqual(['anna'])
    expect(status?.foreign).toEqual([])
    await client.must(['sh', '-c', 'rm /etc/nix/machines; chmod 0644 /etc/nix/nix.conf'])
    await call({ op: 'uninstall' })
  })

  it.each([
    [
      'says that a rebuild makes it',
      "sed -i '1i # WARNING: this file is generated from the nix.* options in' /etc/nix/nix.conf",
      'sed -i 1d /etc/nix/nix.conf',
      'declarative',
    ],
    [
      'some other configuration has made',
      'mv /etc/nix/nix.conf /nix/store/nix.conf && ln -s /nix/store/nix.conf /etc/nix/',
      'rm /etc/nix/nix.conf && mv /nix/store/nix.conf /etc/nix/',
      'root-file-declared',
    ],
  ])('touches nothing that %s, and calls it that', async (_, spoil, mend, reason) => {
    await client.must(['sh', '-c', spoil])
    const before = await tree()
    expect(await put(anna)).toMatchObject({ code: 'UNSUPPORTED', reason })
    expect(await tree()).toEqual(before)
    await client.must(['sh', '-c', mend])
  })

  it.each([
    ['a folder that dev may write', 'chmod 0777 /etc/nix', 'chmod 0755 /etc/nix'],
    ['a folder of dev’s', 'chown dev /etc/nix', 'chown root /etc/nix'],
    [
      'a link into dev’s home',
      'mv /root/.ssh /home/dev/root-ssh && ln -s /home/dev/root-ssh /root/.ssh',
      'rm /root/.ssh && mv /home/dev/root-ssh /root/.ssh',
    ],
    [
      'a link to where dev may put a file',
      'mv /etc/nix/nix.conf /home/dev/ && ln -s /home/dev/nix.conf /etc/nix/',
      'rm /etc/nix/nix.conf && mv /home/dev/nix.conf /etc/nix/',
    ],
  ])('writes nothing through %s', async (_, spoil, mend) => {
    await client.must(['sh', '-c', spoil])
    const before = await client.tree([...paths, '/home'])
    expect(await put(anna)).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'unsafe-path' })
    expect(await client.tree([...paths, '/home'])).toEqual(before)
    await client.must(['sh', '-c', mend])
  })

  it('waits for running builds rather than ending them', async () => {
    const script = 'while [ ! -e /tmp/go ]; do /bin/sleep 0.05; done; echo done >$out'
    await client.writeFile('/tmp/slow.nix', derivation({ script }))
    await client.start('slow', ['nix-build', '--no-out-link', '/tmp/slow.nix'], { user: 'dev' })
    await client.must(['sh', '-c', 'until pgrep -U nixbld1 >/dev/null; do sleep 0.05; done'])
    const before = await tree()
    expect(await put(anna)).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'builds-running' })
    expect(await tree()).toEqual(before)
    await client.must(['sh', '-c', 'touch /tmp/go; while pgrep -U nixbld1 >/dev/null; do sleep 0.05; done'])
  })

  it('takes all of it back when the daemon does not return', async () => {
    const before = await tree()
    await breakDaemon(client)
    expect(await put(anna)).toMatchObject({ code: 'ROLLED_BACK', reason: 'daemon-did-not-return' })
    await mendDaemon(client)
    expect(await tree()).toEqual(before)
  }, 120_000)

  it('restarts the daemon also where systemd would not start it so often', async () => {
    const limit = '/etc/systemd/system/nix-daemon.service.d/limit.conf'
    await client.writeFile(limit, '[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=1\n')
    await client.must(['systemctl', 'daemon-reload'])
    for (const _ of [1, 2]) {
      expect(await put(anna)).toMatchObject({ code: 'OK' })
      expect(await call({ op: 'uninstall' })).toMatchObject({ code: 'OK' })
    }
    await client.must(['rm', limit])
    await client.must(['systemctl', 'daemon-reload'])
  })

  it.each([
    ['an argument', { argv: ['--help'], input: '{"op":"uninstall"}' }, 'grammar'],
    ['nothing at all', { input: '' }, 'not-json'],
    ['two documents', { input: '{"op":"uninstall"}{"op":"uninstall"}' }, 'not-json'],
    ['a key that stands twice', { input: '{"op":"status","op":"uninstall"}' }, 'not-json'],
    ['a key nobody knows', { input: '{"op":"uninstall","path":"/etc"}' }, 'grammar'],
    ['an operation nobody knows', { input: '{"op":"exec"}' }, 'grammar'],
    ['what is not ASCII', { input: '{"op":"uninstall","id":"\u202e"}' }, 'grammar'],
    ['what is not UTF-8', { input: Uint8Array.from([0x22, 0xff, 0x22]) }, 'not-json'],
    ['a giant', { input: `{"op":"uninstall","x":"${'a'.repeat(300_000)}"}` }, 'grammar'],
  ])(
    'refuses %s',
    async (_, { argv = [], input }: { argv?: string[]; input: string | Uint8Array }, reason) => {
      const refused = resultOf(await client.exec([helperProgram.configure, ...argv], { input }))
      expect(refused).toMatchObject({ code: 'INVALID', reason })
    },
  )

  it('does not wait for a caller that says nothing', async () => {
    const silent = await client.sh(`{ sleep 20 & } | ${helperProgram.configure}`, { timeoutMs: 15_000 })
    expect(resultOf(silent)).toMatchObject({ code: 'INVALID', reason: 'timed-out' })
  })

  it.each([
    ['group-writable', 'chmod g+w /usr/lib/millwright', 'chmod g-w /usr/lib/millwright'],
    ['dev’s', 'chown dev /usr/lib/millwright/node', 'chown root /usr/lib/millwright/node'],
    ['in a folder of dev’s', 'chown dev /usr/lib', 'chown root /usr/lib'],
  ])('refuses to work when its own install is %s', async (_, spoil, mend) => {
    await client.must(['sh', '-c', spoil])
    expect(await call({ op: 'uninstall' })).toMatchObject({ code: 'INSECURE_INSTALL' })
    const looked = await client.must([nodeOnHost, '/opt/millwright/helper/install.mjs', 'status'], {
      user: 'dev',
    })
    expect(JSON.parse(looked)).toMatchObject({ state: 'insecure' })
    await client.must(['sh', '-c', mend])
  })

  it('notes who did what, without secrets, for root alone', async () => {
    const log = await client.readFile('/var/log/millwright/helper.log')
    const administrators = await client.readFile('/var/log/millwright/configure.log')
    const entriesOf = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const switched = { uid: 1000, op: 'set-enabled', id: 'anna' }
    expect(entriesOf(log)).toContainEqual(expect.objectContaining({ ...switched, begun: true }))
    expect(entriesOf(log)).toContainEqual(expect.objectContaining({ ...switched, code: 'OK' }))
    const put = { uid: 0, op: 'put-builder', id: 'anna' }
    expect(entriesOf(administrators)).toContainEqual(expect.objectContaining({ ...put, code: 'OK' }))
    expect(log + administrators).not.toMatch(/PRIVATE|AAAA/)
    const { stdout: journal } = await client.sh('journalctl -t millwright -o cat')
    expect(journal).toMatch(/^uid 1000: set-enabled; anna; OK, generation \d+; transaction /m)
    expect((await client.exec(['cat', '/var/log/millwright/helper.log'], { user: 'dev' })).code).not.toBe(0)
  })

  it('is gone after uninstalling, the development variant too', async () => {
    await installHelperOn(client, ['--development'])
    expect(await client.readFile('/usr/share/polkit-1/actions/org.millwright.dev.policy')).toContain(
      '/usr/lib/millwright-dev/millwright-switch',
    )
    for (const options of [[], ['--development']]) {
      await client.must([nodeOnHost, '/opt/millwright/helper/install.mjs', 'uninstall', ...options])
    }
    const left = await client.sh('find /usr/lib /usr/share/polkit-1 -name "*millwright*"')
    expect(left.stdout).toBe('')
  })

  async function specOf(id: 'anna' | 'otto'): Promise<BuilderSpec> {
    const hostKeys = (await fleet.host(id).hostKeys()).map((line) => {
      const [type, key] = line.split(' ')
      return { type, key } as PublicKey
    })
    return {
      ...{ id, host: fleet.address(id), port: 22, user: 'root', protocol: 'ssh-ng', hostKeys },
      ...{ systems: [thisSystem], supportedFeatures: ['big-parallel'], mandatoryFeatures: [] },
      ...{ maxJobs: 2, speedFactor: 1 },
    }
  }

  /** Lets root's key in over there, as a person would by hand. */
  async function authorise(name: 'anna' | 'otto', { publicKey }: HelperResult, user = 'root'): Promise<void> {
    const home = user === 'root' ? '/root' : `/home/${user}`
    await fleet
      .host(name)
      .writeFile(`${home}/.ssh/authorized_keys`, `${publicKey}\n`, { mode: '0600', owner: user })
  }

  async function status() {
    const { status } = await call({ op: 'status' })
    if (!status) throw new Error('no status')
    return status
  }

  async function build(options: readonly string[]) {
    await client.writeFile('/tmp/probe.nix', derivation())
    return await client.exec(['nix-build', '--no-out-link', ...options, '/tmp/probe.nix'], { user: 'dev' })
  }

  function buildAsDev() {
    return build(['-j0'])
  }

  async function withFile(path: string, text: string, action: () => Promise<void>): Promise<void> {
    const aside = `/run/aside`
    await client.must(['sh', '-c', '[ ! -e "$0" ] || mv "$0" "$1"', path, aside])
    await client.writeFile(path, text)
    try {
      await action()
    } finally {
      await client.must(['sh', '-c', 'if [ -e "$1" ]; then mv "$1" "$0"; else rm "$0"; fi', path, aside])
    }
  }
})
