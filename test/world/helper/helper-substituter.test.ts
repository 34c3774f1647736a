import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuilderSpec } from '../../../contract/builder'
import type { PublicKey } from '../../../contract/grammar'
import type { HelperRequest } from '../../../contract/helper'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { breakDaemon, mendDaemon } from '../kit/broken-daemon'
import { derivation, thisSystem } from '../kit/derivation'
import { callHelper, helperProgram, installHelperOn, resultOf } from '../kit/install-helper'

const isRoot = process.getuid?.() === 0
const paths = ['/etc/nix', '/root']
const exclude = ['/etc/nix/millwright/gen-*', '/etc/nix/millwright/current']
const publicKey = `millwright-anna-00000000-1:${'A'.repeat(43)}=`
const restartMark = '/etc/nix/millwright/restart-pending'

describe.skipIf(!isRoot)('the helper and substituters (needs root: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host

  const call = (request: HelperRequest) => callHelper(client, request)
  const offer = (restartDaemon: 'when-idle' | 'always' = 'when-idle', everyone = true) =>
    call({ op: 'set-substituter', id: 'anna', offered: true, everyone, publicKey, restartDaemon })
  const withdraw = () =>
    call({ op: 'set-substituter', id: 'anna', offered: false, everyone: false, restartDaemon: 'when-idle' })
  const enable = (enabled: boolean) => call({ op: 'set-enabled', id: 'anna', enabled })
  const conf = () => client.readFile('/etc/nix/millwright/current/nix.conf')
  const daemonPid = () => client.must(['systemctl', 'show', '-p', 'MainPID', '--value', 'nix-daemon'])
  const owesRestart = async () => (await client.exec(['test', '-e', restartMark])).code === 0
  const isBusy = async () => (await client.exec(['pgrep', '-U', 'nixbld1'])).code === 0
  const whileBuilding = async (action: () => Promise<void>) => {
    await client.must(['rm', '-f', '/tmp/go'])
    const script = 'while [ ! -e /tmp/go ]; do /bin/sleep 0.05; done; echo done >$out'
    await client.writeFile('/tmp/slow.nix', derivation({ script }))
    const argv = ['nix-build', '--no-out-link', '--option', 'builders', '', '/tmp/slow.nix']
    const building = client.exec(argv, { user: 'dev', timeoutMs: 30_000 })
    await until('something builds', isBusy)
    await action()
    await client.must(['touch', '/tmp/go'])
    expect(await building).toMatchObject({ code: 0 })
    await until('nothing builds', async () => !(await isBusy()))
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    client = fleet.host('client')
    expect((await installHelperOn(client)).stderr).toBe('')
    const hostKeys = (await fleet.host('anna').hostKeys()).map((line) => {
      const [type, key] = line.split(' ')
      return { type, key } as PublicKey
    })
    const builder: BuilderSpec = {
      ...{ id: 'anna', host: fleet.address('anna'), port: 22, user: 'root', protocol: 'ssh-ng', hostKeys },
      ...{
        systems: [thisSystem],
        supportedFeatures: [],
        mandatoryFeatures: [],
        maxJobs: 2,
        speedFactor: 1,
      },
    }
    const put = await call({ op: 'put-builder', builder, restartDaemon: 'when-idle' })
    expect(put.code).toBe('OK')
    // Lets the builder answer, so that a substituter that is asked does not end what is built meanwhile.
    const key = `${put.publicKey}\n`
    await fleet.host('anna').writeFile('/root/.ssh/authorized_keys', key, { mode: '0600' })
    await enable(true)
  })

  afterAll(() => fleet?.close())

  it('writes key and store for the daemon, which has read them when it answers, and takes them back', async () => {
    const before = { tree: await client.tree(paths, { exclude }), conf: await conf() }
    expect(await offer('when-idle', false)).toMatchObject({ code: 'OK' })
    const uri = 'ssh-ng://millwright-anna?priority=50'
    const lines = `extra-trusted-public-keys = ${publicKey}\nextra-trusted-substituters = ${uri}\n`
    expect(await conf()).toBe(`${before.conf}${lines}fallback = true\n`)
    expect(await owesRestart()).toBe(false)
    const pid = await daemonPid()
    expect(await offer()).toMatchObject({ code: 'OK' })
    expect(await conf()).toContain(`\nextra-substituters = ${uri}\n`)
    expect(await daemonPid()).not.toBe(pid)
    expect(await withdraw()).toMatchObject({ code: 'OK' })
    expect({ tree: await client.tree(paths, { exclude }), conf: await conf() }).toEqual(before)
  })

  it('restarts the daemon for nothing else', async () => {
    await withdraw()
    const pid = await daemonPid()
    await enable(false)
    await enable(true)
    await withdraw()
    expect(await daemonPid()).toBe(pid)
  })

  it('refuses what is no offer', async () => {
    const ask = async (rest: object, program: string = helperProgram.configure) => {
      const request = { op: 'set-substituter', id: 'anna', offered: true, everyone: false, publicKey }
      const input = JSON.stringify({ ...request, restartDaemon: 'when-idle', ...rest })
      const { code, reason } = resultOf(await client.exec([program], { input }))
      return { code, reason }
    }
    const grammar = { code: 'INVALID', reason: 'grammar' }
    expect(await ask({ publicKey: undefined })).toEqual(grammar)
    expect(await ask({ publicKey: `a b:${'A'.repeat(43)}=` })).toEqual(grammar)
    expect(await ask({ publicKey: 'millwright-1:short' })).toEqual(grammar)
    expect(await ask({ uri: 'ssh-ng://other' })).toEqual(grammar)
    expect(await ask({}, helperProgram.switch)).toEqual(grammar)
    expect(await ask({ id: 'nobody' })).toEqual({ code: 'INVALID', reason: 'no-such-builder' })
  })

  it('waits for running builds unless told otherwise, and lets them end', async () => {
    const before = await conf()
    await whileBuilding(async () => {
      expect(await offer()).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'builds-running' })
      expect(await conf()).toBe(before)
      expect(await offer('always')).toMatchObject({ code: 'OK' })
    })
  })

  it('takes the role from a paused builder at once, and tells the daemon when nothing builds', async () => {
    await offer()
    await whileBuilding(async () => {
      expect(await enable(false)).toMatchObject({ code: 'OK' })
      expect(await conf()).not.toContain('ssh-ng://')
      expect(await owesRestart()).toBe(true)
    })
    const pid = await daemonPid()
    await enable(false)
    expect(await owesRestart()).toBe(false)
    expect(await daemonPid()).not.toBe(pid)
    await enable(true)
    expect(await conf()).toContain('ssh-ng://millwright-anna')
  })

  it('trusts no key again by going back to an earlier configuration', async () => {
    await offer()
    const { generation = 0 } = await call({ op: 'status' }).then(({ status }) => status ?? { generation: 0 })
    await withdraw()
    expect(await call({ op: 'rollback', generation })).toMatchObject({ code: 'OK' })
    expect(await conf()).not.toContain(publicKey)
  })

  it('goes back when the daemon does not return', async () => {
    await withdraw()
    const before = await conf()
    await breakDaemon(client)
    expect(await offer()).toMatchObject({ code: 'ROLLED_BACK', reason: 'daemon-did-not-return' })
    await mendDaemon(client)
    expect(await conf()).toBe(before)
    expect(await offer()).toMatchObject({ code: 'OK' })
  }, 120_000)
})
