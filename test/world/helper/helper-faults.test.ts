import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuilderSpec } from '../../../contract/builder'
import type { PublicKey } from '../../../contract/grammar'
import type { HelperRequest } from '../../../contract/helper'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { thisSystem } from '../kit/derivation'
import { callHelper, helperProgram, installHelperOn, resultOf } from '../kit/install-helper'

const isRoot = process.getuid?.() === 0
/** One system call of a helper. */
interface Moment {
  readonly line: string
  readonly call: string
  /** The file that it is about. */
  readonly path: string | undefined
  readonly isHello: boolean
  /** Which of all calls of this name it is, and which of those about the same file. */
  readonly nth: number
  readonly nthThere: number
}

/** How strace(1) has one call end otherwise. */
function injected({ call, path = '', nthThere }: Moment, how: string): readonly string[] {
  return ['-P', path, '-e', `inject=${call}:${how}:when=${nthThere}`, '-o', '/dev/null']
}

/** Before each call that changes something, with MILLWRIGHT_FAULTS=all; else so many, spread over the whole. */
const isThorough = process.env.MILLWRIGHT_FAULTS === 'all'
/** Each moment takes seconds, and there are hundreds. */
const limitMs = isThorough ? 3 * 3_600_000 : 900_000
const samples = isThorough ? Number.POSITIVE_INFINITY : 10
/** Errors cost less than kills, as nothing is left for the next call; they begin at another place each time. */
const errorSamples = isThorough ? Number.POSITIVE_INFINITY : 4
const seed = Number(process.env.MILLWRIGHT_SEED ?? Date.now() % 1000)
const errors = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS'] as const
const calls = [
  ...['rename', 'renameat', 'renameat2', 'symlink', 'symlinkat', 'unlink', 'unlinkat', 'rmdir'],
  ...['mkdir', 'mkdirat', 'openat', 'write', 'fchmod', 'chmod', 'fchmodat', 'fchown', 'fsync'],
].join()
const paths = ['/etc', '/root']

describe.skipIf(!isRoot)('a helper that is killed (needs root on Debian 12: sudo npm test -- world)', () => {
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

  it(
    'leaves the old or the new state when adding the first builder',
    async () => {
      const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
      await killEverywhere([], put, ['', ':', ':anna off'], ':anna off')
    },
    limitMs,
  )

  it(
    'leaves the old or the new state when switching',
    async () => {
      const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
      const enable: HelperRequest = { op: 'set-enabled', id: 'anna', enabled: true }
      await killEverywhere([put], enable, [':anna off', ':anna on'], ':anna on')
    },
    limitMs,
  )

  it(
    'leaves the old or the new state when removing the last builder',
    async () => {
      const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
      const remove: HelperRequest = { op: 'remove-builder', id: 'anna' }
      await killEverywhere([put], remove, [':anna off', ''], '')
    },
    limitMs,
  )

  it(
    'leaves the old or the new state when switching fails by an error of the system, and says so once',
    async () => {
      const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
      const enable: HelperRequest = { op: 'set-enabled', id: 'anna', enabled: true }
      await failEverywhere([put], enable, [':anna off', ':anna on'], ':anna on')
    },
    limitMs,
  )

  it(
    'puts nothing in place that was not written whole',
    async () => {
      const put: HelperRequest = { op: 'put-builder', builder: anna, restartDaemon: 'when-idle' }
      const writes = (await moments([], put)).filter(
        ({ call, path }) => call === 'write' && path?.startsWith('/etc/'),
      )
      expect(writes.length).toBeGreaterThan(5)
      for (const moment of spread(writes, errorSamples)) {
        // The call says that one byte was written, and writes none.
        const failed = resultOf(await traced(put, injected(moment, 'retval=1')))
        expect(failed.code, moment.line).not.toBe('OK')
        expect(await client.tree(paths), moment.line).toEqual(pristine)
      }
    },
    limitMs,
  )

  /** Lets one call after another fail, each time from the start. */
  async function failEverywhere(
    before: readonly HelperRequest[],
    request: HelperRequest,
    allowed: readonly string[],
    wanted: string,
  ): Promise<void> {
    // On files alone: libuv wakes itself by other descriptors, at no fixed time, and ends where it cannot.
    const all = (await moments(before, request)).filter(({ path }) => path !== undefined)
    expect(all.length).toBeGreaterThan(50)
    for (const [index, moment] of spread(all, errorSamples).entries()) {
      const one = errors[(index + seed) % errors.length] ?? 'EIO'
      for (const error of isThorough ? errors : [one]) {
        const when = `${error} at ${moment.call} ${moment.nth}, seed ${seed}: ${moment.line}`
        for (const earlier of before) expect(await callHelper(client, earlier)).toMatchObject({ code: 'OK' })
        const result = resultOf(await traced(request, injected(moment, `error=${error}`)))
        const state = await stateThere()
        expect(result.code === 'OK' ? [wanted] : allowed, `${when} ended with ${result.detail}`).toContain(
          state,
        )
        const again = await callHelper(client, request)
        const isAlreadyGone = request.op === 'remove-builder' && again.reason === 'not-set-up'
        expect(isAlreadyGone ? 'OK' : again.code, `${when}: ${again.detail}`).toBe('OK')
        expect(await stateThere(), when).toBe(wanted)
        expect(await callHelper(client, { op: 'uninstall' })).toMatchObject({ code: 'OK' })
        expect(await client.tree(paths), when).toEqual(pristine)
      }
    }
  }

  /** So many of all, evenly, from a place that differs each time. */
  function spread<T>(all: readonly T[], count: number): readonly T[] {
    const every = Math.max(1, Math.floor(all.length / count))
    return all.filter((_, index) => index % every === seed % every)
  }

  /** Kills the request before one call after another, each time from the start. */
  async function killEverywhere(
    before: readonly HelperRequest[],
    request: HelperRequest,
    allowed: readonly string[],
    wanted: string,
  ): Promise<void> {
    const all = await moments(before, request)
    expect(all.length).toBeGreaterThan(50)
    const every = Math.max(1, Math.floor(all.length / samples))
    const chosen = all.filter((_, index) => index % every === 0)
    let kills = 0
    for (const moment of chosen) {
      for (const one of before) expect(await callHelper(client, one)).toMatchObject({ code: 'OK' })
      const killed = await traced(request, [
        '-e',
        `inject=${moment.call}:signal=SIGKILL:when=${moment.nth}`,
        ...['-o', '/dev/null'],
      ])
      const when = `a kill at ${moment.call} ${moment.nth}`
      if (killed.code === 137) kills++
      expect(allowed, when).toContain(await stateThere())
      const again = await callHelper(client, request)
      const isAlreadyGone = request.op === 'remove-builder' && again.reason === 'not-set-up'
      expect(isAlreadyGone ? 'OK' : again.code, `${when}: ${again.detail}`).toBe('OK')
      expect(await stateThere(), when).toBe(wanted)
      expect(await callHelper(client, { op: 'uninstall' })).toMatchObject({ code: 'OK' })
      expect(await client.tree(paths), when).toEqual(pristine)
    }
    // How often the daemon is asked whether it is back differs, so the very last calls may not come.
    expect(kills).toBeGreaterThan(0.8 * chosen.length)
  }

  /** The calls that the request makes after its first line, in order, each with its count by name. */
  async function moments(before: readonly HelperRequest[], request: HelperRequest) {
    for (const one of before) await callHelper(client, one)
    expect((await traced(request, ['-y', '-o', '/run/trace'])).code).toBe(0)
    await callHelper(client, { op: 'uninstall' })
    const counts = new Map<string, number>()
    const count = (what: string) => {
      const counted = (counts.get(what) ?? 0) + 1
      counts.set(what, counted)
      return counted
    }
    const all = (await client.readFile('/run/trace')).split('\n').map((line): Moment => {
      const call = /^(\w+)\(/.exec(line)?.[1] ?? ''
      const path = (/^\w+\(\d+<(\/[^>]*)>/.exec(line) ?? /"(\/[^"]*)"/.exec(line))?.[1]
      return {
        line,
        call,
        path,
        isHello: line.includes('hello'),
        nth: count(call),
        nthThere: count(`${call} ${path}`),
      }
    })
    return all.slice(all.findIndex(({ isHello }) => isHello)).filter(({ call }) => call !== '')
  }

  function traced(request: HelperRequest, options: readonly string[]) {
    const program = request.op === 'set-enabled' ? helperProgram.switch : helperProgram.configure
    const strace = ['strace', '-e', `trace=${calls}`, ...options, program]
    return client.exec(strace, { input: JSON.stringify(request) })
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
