import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuilderSpec } from '../../contract/builder'
import type { PublicKey } from '../../contract/grammar'
import type { HelperRequest } from '../../contract/helper'
import { thisSystem } from './derivation'
import { type Fleet, openFleet } from './fleet'
import type { Host } from './host'
import { callHelper, helperProgram, installHelperOn } from './install-helper'
import type { Tree } from './tree'

const isRoot = process.getuid?.() === 0
/** Every call that changes something, with MILLWRIGHT_FAULTS=all; else one of so many, spread over the whole. */
const step = process.env.MILLWRIGHT_FAULTS === 'all' ? 1 : 23
/** What changes a file system, and every write; the kill comes before the call has its effect. */
const calls = [
  ...['rename', 'renameat', 'renameat2', 'symlink', 'symlinkat', 'unlink', 'unlinkat', 'rmdir'],
  ...['mkdir', 'mkdirat', 'openat', 'write', 'fchmod', 'chmod', 'fchmodat', 'fchown', 'fsync'],
].join()
const paths = ['/etc', '/root']

describe.skipIf(!isRoot)('a helper that is killed (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<'client' | 'anna'>
  let client: Host
  let pristine: Tree
  let anna: BuilderSpec

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder' } })
    client = fleet.host('client')
    const hostKeys = (await fleet.host('anna').hostKeys()).map((line) => {
      const [type, key] = line.split(' ')
      return { type, key } as PublicKey
    })
    anna = {
      ...{ id: 'anna', host: fleet.address('anna'), port: 22, user: 'root', protocol: 'ssh-ng', hostKeys },
      ...{ systems: [thisSystem], supportedFeatures: [], mandatoryFeatures: [], maxJobs: 2, speedFactor: 1 },
    }
    await installHelperOn(client)
    pristine = await client.tree(paths)
  })

  afterAll(() => fleet?.close())

  it('leaves the old or the new state when adding the first builder', async () => {
    const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
    await killEverywhere([], put, ['', ':', ':anna off'], ':anna off')
  }, 900_000)

  it('leaves the old or the new state when switching', async () => {
    const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
    const enable: HelperRequest = { op: 'set-enabled', id: 'anna', enabled: true }
    await killEverywhere([put], enable, [':anna off', ':anna on'], ':anna on')
  }, 900_000)

  it('leaves the old or the new state when removing the last builder', async () => {
    const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
    const remove: HelperRequest = { op: 'remove-builder', id: 'anna' }
    await killEverywhere([put], remove, [':anna off', ''], '')
  }, 900_000)

  /** Kills the request before its 1st, 1 + step-th … call, until it gets through; each time from the start. */
  async function killEverywhere(
    before: readonly HelperRequest[],
    request: HelperRequest,
    allowed: readonly string[],
    wanted: string,
  ): Promise<void> {
    let kills = 0
    for (let nth = 1; ; nth += step, kills++) {
      for (const one of before) expect(await callHelper(client, one)).toMatchObject({ code: 'OK' })
      const isKilled = await killedAt(nth, request)
      expect(allowed, `after a kill at call ${nth}`).toContain(await stateThere())
      const again = await callHelper(client, request)
      const isAlreadyGone = request.op === 'remove-builder' && again.reason === 'not-set-up'
      expect(isAlreadyGone ? 'OK' : again.code, `again after call ${nth}: ${again.detail}`).toBe('OK')
      expect(await stateThere()).toBe(wanted)
      expect(await callHelper(client, { op: 'uninstall' })).toMatchObject({ code: 'OK' })
      expect(await client.tree(paths), `taken back after call ${nth}`).toEqual(pristine)
      if (!isKilled) break
    }
    expect(kills).toBeGreaterThan(5)
  }

  async function killedAt(nth: number, request: HelperRequest): Promise<boolean> {
    const isSwitch = request.op === 'set-enabled'
    const program = isSwitch ? helperProgram.switch : helperProgram.configure
    const inject = `inject=${calls}:signal=SIGKILL:when=${nth}`
    const strace = ['strace', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', inject, program]
    return (await client.exec(strace, { input: JSON.stringify(request) })).code === 137
  }

  /** What is in force, read by the real consumers, which must both be content: '' is nothing, ':' no builder. */
  async function stateThere(): Promise<string> {
    const ours = '/etc/nix/millwright/current/machines'
    const script = `nix --extra-experimental-features nix-command show-config >/run/shown || exit 1
ssh -G -F /root/.ssh/config millwright-anna >/dev/null 2>&1 || [ ! -e /root/.ssh/config ] || exit 2
if [ -e ${ours} ] && grep -q '^builders = .*@${ours}$' /run/shown; then printf :; cat ${ours}; fi`
    const { code, stdout, stderr } = await client.sh(script)
    expect(code, stderr).toBe(0)
    const { status } = await callHelper(client, { op: 'status' })
    expect(status?.warnings.filter((text) => text.includes('not as Millwright wrote'))).toEqual([])
    if (!stdout.startsWith(':')) return ''
    const builder = status?.builders[0]
    expect(stdout.includes('ssh-ng://millwright-anna')).toBe(builder?.enabled ?? false)
    return builder ? `:anna ${builder.enabled ? 'on' : 'off'}` : ':'
  }
})
