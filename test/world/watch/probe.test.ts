import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMonitor } from '../../../main/adapters/ssh/monitor'
import type { ProbeSession } from '../../../main/ports/monitor'
import type { Host } from '../fleet/host'
import { until } from '../fleet/process'
import { derivation } from '../kit/derivation'
import { type Machines, openMachines } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
const MiB = 2 ** 20

describe.skipIf(!isRoot)('the probe on a real host (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<'anna'>
  let anna: Host
  let monitored: ProbeSession
  /** Of the user that builds, each with its number and what it is; besides what systemd runs for whoever logs in. */
  const processes = async () => {
    const { stdout } = await anna.sh('ps -o pid=,args= -u nixremote')
    return stdout.split('\n').filter((line) => line !== '' && !/systemd --user|\(sd-pam\)/.test(line))
  }
  const df = async (path: string) => {
    const { stdout } = await anna.sh(`df -B1 --output=size,avail ${path} | tail -1`)
    return stdout.trim().split(/\s+/).map(Number)
  }

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder' })
    anna = side.fleet.host('anna')
    await (await side.far('anna', 'easy')).provision(side.install)
    const { port } = await side.fleet.forward('anna', 22)
    const hostKeys = (await anna.hostKeys()).map((line) => {
      const [type = '', key = ''] = line.split(' ')
      return { type, key } as { type: 'ssh-ed25519'; key: string }
    })
    const key = await side.fleet.host('client').readFile(`${side.install.keys}/monitor`)
    const builder = { id: 'anna', host: '127.0.0.1', port, user: 'nixremote', hostKeys }
    monitored = await createMonitor().connect(builder, key, new AbortController().signal)
  })
  afterAll(async () => {
    monitored?.close()
    await side?.close()
  })

  it('says what the host itself says', async () => {
    const sample = await monitored.probe()
    const [, kiB] = /^MemTotal: +(\d+) kB$/m.exec(await anna.readFile('/proc/meminfo')) ?? []
    const [storeBytes = 0, storeFree = 0] = await df('/nix/store')
    const [, buildFree = 0] = await df('/tmp')
    expect(sample).toMatchObject({
      bootId: (await anna.readFile('/proc/sys/kernel/random/boot_id')).trim(),
      cpus: Number(await anna.must(['nproc'])),
      memoryBytes: Number(kiB) * 1024,
      storeBytes,
      nixVersion: (await anna.must(['nix', '--version'])).trim().split(' ').at(-1),
      builds: 0,
      buildNames: [],
    })
    expect(Math.abs((sample.storeFreeBytes ?? 0) - storeFree)).toBeLessThan(64 * MiB)
    expect(Math.abs((sample.buildFreeBytes ?? 0) - buildFree)).toBeLessThan(64 * MiB)
    const [load = ''] = (await anna.readFile('/proc/loadavg')).split(' ')
    expect(Math.abs(sample.load1 - Number(load))).toBeLessThan(1)
    const [up = ''] = (await anna.readFile('/proc/uptime')).split(' ')
    expect(Math.abs((sample.uptimeSeconds ?? 0) - Number(up))).toBeLessThan(10)
    expect(Math.abs(sample.clockOffsetMs ?? Number.NaN)).toBeLessThan(1_500)
  })

  it('is one process there, the same from sample to sample, and starts none between them', async () => {
    await monitored.probe()
    const before = await processes()
    await monitored.probe()
    expect(await processes()).toEqual(before)
    // Besides sshd's half of the connection and the login shell, which waits for it.
    expect(before.filter((line) => /^ *\d+ \/bin\/sh .*millwright-probe$/.test(line))).toHaveLength(1)
    expect(before.length).toBeLessThanOrEqual(3)
  })

  it('names a build while it runs and no longer, and none that somebody makes up', async () => {
    await anna.sh('mkfifo -m 666 /tmp/go')
    const text = derivation({ name: 'slow-1.0', script: 'read -r line </tmp/go; echo done >$out' })
    await anna.writeFile('/tmp/slow.nix', text)
    const built = anna.exec(['nix-build', '--no-out-link', '/tmp/slow.nix'], {
      user: 'easy',
      timeoutMs: 50_000,
    })
    await anna.must(['mkdir', '/tmp/nix-build-made-up.drv-0'], { user: 'easy' })
    await until('the build is named', async () => (await monitored.probe()).buildNames.length > 0)
    expect(await monitored.probe()).toMatchObject({ builds: 1, buildNames: ['slow-1.0'] })
    await anna.must(['sh', '-c', 'echo >/tmp/go'])
    expect(await built).toMatchObject({ code: 0 })
    await until('no build', async () => (await monitored.probe()).builds === 0)
    expect((await monitored.probe()).buildNames).toEqual([])
  })

  it('sees in the next sample that Nix is gone, and that it is there again', async () => {
    await anna.must(['sh', '-c', 'mkdir /opt/aside && mv /usr/bin/nix* /opt/aside/'])
    expect((await monitored.probe()).nixVersion).toBeUndefined()
    await anna.must(['sh', '-c', 'mv /opt/aside/nix* /usr/bin/'])
    expect((await monitored.probe()).nixVersion).toMatch(/^\d/)
  })

  it('leaves no process behind when the connection ends', async () => {
    monitored.close()
    await until('nothing of it is left', async () => (await processes()).length === 0)
  })
})
