import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BuilderSpec } from '../../../contract/builder'
import type { PublicKey } from '../../../contract/grammar'
import type { HelperRequest, HelperResult } from '../../../contract/helper'
import type { Desktop } from '../fleet/desktop'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { thisSystem } from '../kit/derivation'
import { callHelper, helperProgram, installHelperOn, resultOf } from '../kit/install-helper'

const isRoot = process.getuid?.() === 0
const logs = '/var/log/millwright'
const pkexec = `pkexec --disable-internal-agent ${helperProgram.switch}`
/** Runs a helper whose output goes where nobody reads, with room for less than a line. */
const intoFullPipe = `rm -f /tmp/full; mkfifo /tmp/full; exec 3<>/tmp/full
dd if=/dev/zero of=/tmp/filling bs=65536 count=1 2>/dev/null; cat /tmp/filling >&3`

describe.skipIf(!isRoot)('callers that mean no good (needs root on Debian 12)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host
  let home: Host
  let desktop: Desktop
  let anna: BuilderSpec

  const call = (request: HelperRequest) => callHelper(client, request)
  const put = () => call({ op: 'put-builder', builder: anna, restartDaemon: 'when-idle' })
  const switched = (enabled: boolean) => JSON.stringify({ op: 'set-enabled', id: 'anna', enabled })
  const isOn = async () => (await call({ op: 'status' })).status?.builders[0]?.enabled
  const root = async (script: string) => void (await client.must(['sh', '-c', script]))
  const entries = async (log: string) =>
    (await client.sh(`cat ${logs}/${log}`)).stdout.split('\n').filter((line) => line !== '')
  /** Runs a script as dev in the session at the screen. */
  const asDev = (script: string, timeoutMs = 30_000) => desktop.exec(['sh', '-c', script], { timeoutMs })

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    client = fleet.host('client')
    home = fleet.host('anna')
    const hostKeys = (await home.hostKeys()).map((line) => {
      const [type, key] = line.split(' ')
      return { type, key } as PublicKey
    })
    anna = {
      ...{ id: 'anna', host: fleet.address('anna'), port: 22, user: 'root', protocol: 'ssh-ng', hostKeys },
      ...{
        systems: [thisSystem],
        supportedFeatures: [],
        mandatoryFeatures: [],
        maxJobs: 2,
        speedFactor: 1,
      },
    }
    await installHelperOn(client)
    desktop = await client.desktop()
    const { publicKey } = await put()
    await home.writeFile('/root/.ssh/authorized_keys', `${publicKey}\n`, { mode: '0600' })
  })
  beforeEach(() => call({ op: 'set-enabled', id: 'anna', enabled: false }))

  afterAll(() => fleet?.close())

  it('do not hold the lock by not reading what the helper says', async () => {
    const caller = asDev(`${intoFullPipe}; echo '${switched(true)}' | ${pkexec} >&3; echo $?`)
    await until('the switch', async () => (await isOn()) === true)
    const start = performance.now()
    for (const remoteOnly of [true, false]) {
      expect(await call({ op: 'set-mode', remoteOnly })).toMatchObject({ code: 'OK' })
    }
    expect(performance.now() - start).toBeLessThan(8000)
    expect((await caller).stdout).toBe('0\n')
  })

  it.each([
    ['closes its end at once', `echo '%s' | ${pkexec} | :`],
    ['has a full disk there', `echo '%s' | ${pkexec} >/dev/full; :`],
    ['has nothing there', `echo '%s' | ${pkexec} >&-; :`],
  ])('get the change whole, and noted, when one %s', async (_, script) => {
    await asDev(script.replace('%s', switched(true)))
    await until('the switch', async () => (await isOn()) === true)
    const last = async () => JSON.parse((await entries('helper.log')).at(-1) ?? '{}')
    await until('the entry', async () => (await last()).code === 'OK')
    expect(await last()).toMatchObject({ uid: 1000, op: 'set-enabled', id: 'anna' })
  })

  it('do not stop it in their terminal, nor freeze or starve it in their control group', async () => {
    const { argv, group } = desktop.enterAlone(['sh', '-c', `nice -n 19 ${pkexec}; exit $?`])
    const caller = spawn(argv[0] ?? '', argv.slice(1))
    let said = ''
    caller.stdout.on('data', (chunk: Buffer) => {
      said += chunk
    })
    const found = async () => (await client.sh(`pgrep -u root -f '/node .*millwright-switch$'`)).stdout.trim()
    await until('the helper', async () => (await found()) !== '')
    const pid = await found()
    await until('its own group', async () =>
      (await client.readFile(`/proc/${pid}/cgroup`)).includes('init.scope'),
    )
    await until('its own priority', async () => (await client.must(['ps', '-o', 'ni=', pid])).trim() === '0')
    await root(`kill -TSTP ${pid}; kill -TTIN ${pid}`)
    writeFileSync(join(group, 'cgroup.freeze'), '1')
    caller.stdin.end(switched(true))
    await until('the switch of a frozen caller', async () => said.includes('"result"'))
    writeFileSync(join(group, 'cgroup.freeze'), '0')
    expect(resultOf({ code: 0, stdout: said, stderr: '' })).toMatchObject({ code: 'OK' })
  })

  it('shape nothing by limits that can be lifted, and nothing is changed below those that cannot', async () => {
    const limited = async (limits: string) =>
      resultOf(await asDev(`${limits}; echo '${switched(true)}' | ${pkexec}`))
    const soft = ['f 0', 't 1', 'n 20', 'v 700000'].map((one) => `ulimit -S -${one}`)
    for (const limits of soft) {
      expect(await limited(limits), limits).toMatchObject({ code: 'OK' })
      await call({ op: 'set-enabled', id: 'anna', enabled: false })
    }
    for (const limits of ['ulimit -f 8', 'ulimit -n 30']) {
      const before = (await entries('helper.log')).length
      const { code, reason } = await limited(limits)
      // A host that may not raise limits refuses; one that may has lifted them.
      if (code !== 'OK') expect({ code, reason }).toEqual({ code: 'NEEDS_ATTENTION', reason: 'limits-held' })
      const noted = (await entries('helper.log')).length - before
      expect({ limits, isOn: await isOn(), noted }).toEqual(
        code === 'OK' ? { limits, isOn: true, noted: 2 } : { limits, isOn: false, noted: 0 },
      )
      await call({ op: 'set-enabled', id: 'anna', enabled: false })
    }
  })

  it('wash nothing out of the log with calls that are refused', async () => {
    const before = { switch: await entries('helper.log'), configure: await entries('configure.log') }
    const ids = Array.from({ length: 2000 }, (_, n) => `nobody-${n}`.padEnd(32, 'x'))
    await client.writeFile('/tmp/many', JSON.stringify({ op: 'set-many-enabled', ids, enabled: true }))
    await asDev(`for n in 1 2 3; do ${pkexec} </tmp/many; echo garbage | ${pkexec}; done >/dev/null`)
    const after = await entries('helper.log')
    expect(after.length - before.switch.length).toBeLessThanOrEqual(2)
    expect(after.join('').length - before.switch.join('').length).toBeLessThan(600)
    expect(await entries('configure.log')).toEqual(before.configure)
  })

  it('fill no memory with trials: four at once, one a builder', async () => {
    const prove = `echo '{"op":"prove","id":"anna"}' | ${pkexec}`
    const { stdout } = await asDev(
      `for n in 1 2 3 4 5 6 7; do ${prove} >/tmp/proof-$n & done; wait; cat /tmp/proof-*`,
      60_000,
    )
    const results = stdout.split('\n').filter((line) => line.includes('"result"'))
    const codes = results.map((line) => {
      const { code, reason } = JSON.parse(line) as HelperResult
      return code === 'OK' ? 'OK' : reason
    })
    expect(codes).toHaveLength(7)
    expect(new Set(codes)).toEqual(new Set(['OK', 'busy']))
  })

  it('fill no memory with calls that only read: sixteen are let in at once, and so many a minute', async () => {
    const reads = ['status', 'read-daemon'] as const
    const asked = async (op: (typeof reads)[number]) =>
      resultOf(await asDev(`echo '{"op":"${op}"}' | ${pkexec}`)).reason ?? 'OK'
    const taken = 'for n in $(seq 16); do flock /run/millwright/call-$n sleep 300 & done; wait'
    await client.start('places', ['sh', '-c', taken])
    await until('all places to be taken', async () => (await client.sh('pgrep -xc sleep')).stdout === '16\n')
    expect(await asked('status')).toBe('rate-limited')
    expect(await call({ op: 'status' })).toMatchObject({ code: 'OK' })
    await root('pkill -x sleep')

    const calls = `/usr/lib/millwright/node -e 'console.log(JSON.stringify(Array(120).fill(Date.now())))'`
    await root(`${calls} >/run/millwright/readings.json`)
    for (const op of reads) {
      expect(await asked(op), op).toBe('rate-limited')
      expect(await call({ op }), op).toMatchObject({ code: 'OK' })
    }
    await root('rm /run/millwright/readings.json')
    for (const op of reads) expect(await asked(op), op).toBe('OK')
  })

  it('do not keep an administrator waiting for builds that they only pretend', async () => {
    await client.start('pretend', ['bash', '-c', 'exec -a build-remote sleep 300'], { user: 'dev' })
    await client.start(
      'pretend-root',
      ['bash', '-c', 'exec -a build-remote script -qc "su root" /dev/null'],
      {
        user: 'dev',
      },
    )
    await root('until pgrep -f "^build-remote" >/dev/null; do sleep 0.05; done')
    await call({ op: 'uninstall' })
    expect(await put()).toMatchObject({ code: 'OK' })
    await root('pkill -f "^build-remote"')
    const { publicKey } = await put()
    await home.writeFile('/root/.ssh/authorized_keys', `${publicKey}\n`, { mode: '0600' })
  })

  it('learn nothing of files that they cannot read', async () => {
    await root('echo ssh://secret-host >/etc/nix/machines; chmod 0600 /etc/nix/machines')
    const hidden = resultOf(await asDev(`echo '{"op":"status"}' | ${pkexec}`))
    expect(hidden).toMatchObject({ code: 'OK', status: { builders: [{ id: 'anna' }] } })
    expect(JSON.stringify(hidden)).not.toContain('secret-host')
    await root('chmod 0644 /etc/nix/machines')
    expect(JSON.stringify(resultOf(await asDev(`echo '{"op":"status"}' | ${pkexec}`)))).toContain(
      'secret-host',
    )
    await root('rm /etc/nix/machines')
  })

  it('are switched for by nobody where that cannot be noted, and an administrator is told', async () => {
    await root(`mount -t tmpfs -o size=4k,mode=0755 tmpfs ${logs}; head -c 4096 /dev/zero >${logs}/filling`)
    expect(await call({ op: 'set-enabled', id: 'anna', enabled: true })).toMatchObject({
      reason: 'not-noted',
    })
    expect(await isOn()).toBe(false)
    const told = await call({ op: 'set-mode', remoteOnly: true })
    expect(told).toMatchObject({ code: 'OK', warning: expect.stringContaining('configure.log') })
    await root(`umount ${logs}`)
    await call({ op: 'set-mode', remoteOnly: false })
  })

  it('put no link of theirs in the place of the log', async () => {
    await root(`mv ${logs} ${logs}-aside; mkdir -m 0700 /root/private; ln -s /root/private ${logs}`)
    expect(await call({ op: 'set-enabled', id: 'anna', enabled: true })).toMatchObject({
      reason: 'not-noted',
    })
    expect(await client.must(['stat', '-c', '%a', '/root/private'])).toBe('700\n')
    await root(
      `rm ${logs}; mkdir -m 0755 ${logs}; echo mine >/root/mine; ln -s /root/mine ${logs}/helper.log`,
    )
    expect(await call({ op: 'set-enabled', id: 'anna', enabled: true })).toMatchObject({
      reason: 'not-noted',
    })
    expect(await client.readFile('/root/mine')).toBe('mine\n')
    await root(`rm -r ${logs} /root/private /root/mine; mv ${logs}-aside ${logs}`)
  })

  it('see a full disk named as that, and no lock of anybody’s', async () => {
    await root('mv /run/millwright /run/aside; mkdir /run/millwright')
    await root('mount -t tmpfs -o nr_inodes=1,mode=0755 tmpfs /run/millwright')
    const full = await call({ op: 'set-mode', remoteOnly: true })
    expect(full).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'disk-full' })
    expect(full.detail).toContain('/run/millwright')
    await root('umount /run/millwright; rmdir /run/millwright; mv /run/aside /run/millwright')
  })

  it.each(['/etc/nix/nix.conf', '/root/.ssh/config'])('do not hang it by a FIFO at %s', async (path) => {
    await root(`mv ${path} ${path}.aside; mkfifo ${path}`)
    const start = performance.now()
    expect(await put()).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'unsafe-path' })
    expect(await call({ op: 'status' })).toMatchObject({ code: 'OK' })
    expect(await call({ op: 'set-mode', remoteOnly: false })).toMatchObject({ code: 'OK' })
    expect(performance.now() - start).toBeLessThan(10_000)
    await root(`rm ${path}; mv ${path}.aside ${path}`)
  })

  it.each([
    ['a link to a FIFO', '/bin/ln -s /run/trap "$out"'],
    ['a link to a file of root’s', '/bin/ln -s /root/secret "$out"'],
    ['a folder', '/bin/mkdir "$out"'],
  ])('make root open nothing: %s that a builder returns is not read', async (_, trick) => {
    await root(
      '[ -p /run/trap ] || mkfifo /run/trap; echo secret >/root/secret; touch -a -d 2020-01-01 /root/secret',
    )
    const shell = `#!/bin/dash\n[ -z "$NIX_BUILD_TOP" ] || { ${trick}; exit 0; }\nexec /bin/dash "$@"\n`
    await home.writeFile('/bin/sh.new', shell, { mode: '0755' })
    await home.must(['mv', '/bin/sh.new', '/bin/sh'])
    const result = await call({ op: 'prove', id: 'anna' })
    await home.must(['ln', '-sf', 'dash', '/bin/sh'])
    expect(result, result.detail).toMatchObject({ code: 'NEEDS_ATTENTION', reason: 'built-elsewhere' })
    expect(await client.must(['stat', '-c', '%X', '/root/secret'])).toBe('1577836800\n')
  })

  it('lose no edit of root’s own that is saved while the helper writes the same file', async () => {
    await call({ op: 'uninstall' })
    const conf = await client.readFile('/etc/nix/nix.conf')
    const requests: readonly HelperRequest[] = [
      { op: 'put-builder', builder: anna, restartDaemon: 'always' },
      { op: 'uninstall' },
    ]
    for (const [n, request] of [...requests, ...requests].entries()) {
      const save = `until [ -e /etc/nix/.nix.conf.millwright-new ]; do :; done
{ cat /etc/nix/nix.conf; echo "# edit ${n}"; } >/etc/nix/editor; mv /etc/nix/editor /etc/nix/nix.conf`
      const saving = client.exec(['timeout', '30', 'sh', '-c', save])
      // As on a slow disk: what is written is there for so long before it takes the place of the old.
      const slowly = ['strace', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:delay_exit=60000']
      const ran = await client.exec([...slowly, helperProgram.configure], { input: JSON.stringify(request) })
      expect(resultOf(ran)).toMatchObject({ code: 'OK' })
      expect((await saving).code).toBe(0)
      const now = await client.readFile('/etc/nix/nix.conf')
      expect(now).toContain(`# edit ${n}\n`)
      expect(now.includes('/millwright/')).toBe(request.op === 'put-builder')
    }
    await client.writeFile('/etc/nix/nix.conf', conf)
  })
})
