import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'
import { until } from '../fleet/process'
import { derivation, writeBuildersName } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { startWatchingApp } from '../kit/start-watching-app'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder', karl: 'builder' } as const
const data = ['/etc/nix', '/root/.local/share/millwright', '/root/.ssh', '/root/.config']

interface Line {
  readonly at?: string
  readonly builder?: string
  readonly health?: {
    readonly state: string
    readonly slotsInUse: number
    readonly failure?: { readonly code: string }
  }
  readonly build?: {
    readonly state: string
    readonly builder?: string
    readonly user?: string
    readonly name: string
  }
  readonly builders?: readonly { readonly id: string; readonly health: { readonly state: string } }[]
}

describe.skipIf(!isRoot)('status (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host

  /** Starts `status --watch --json` and reads along. */
  const watch = () => {
    const program = [nodeOnHost, `${projectOnHost}/out/main/cli.js`, 'status', '--watch', '--json']
    const [command = '', ...args] = client.enter(program)
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: Line[] = []
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
    const exited = once(child, 'exit')
    return {
      lines,
      says: (what: string, isSo: (line: Line) => boolean, deadlineMs = 20_000) =>
        until(
          `the stream says ${what}: ${JSON.stringify(lines.slice(-5))}`,
          async () => lines.some(isSo),
          deadlineMs,
        ),
      interrupt: async () => {
        await client.exec(['pkill', '-INT', '-f', 'status --watch --json'])
        return ((await exited) as [number | null])[0]
      },
    }
  }
  const documentOf = (stdout: string) => JSON.parse(stdout) as { builders: { id: string; health: object }[] }

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    for (const id of ['anna', 'otto', 'karl'] as const) {
      const added = await millwright(
        client,
        `add easy@${id} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`,
      )
      expect(added).toMatchObject({ code: 0, stderr: '' })
    }
    expect(await millwright(client, 'pause karl')).toMatchObject({ code: 0, stderr: '' })
  })

  afterAll(() => fleet?.close())

  it('is 0 while every builder that is on answers, within a second or two', async () => {
    const start = performance.now()
    const { code, stdout, stderr } = await millwright(client, 'status')
    const ms = Math.round(performance.now() - start)
    console.log(`status of two builders: ${ms} ms`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^2 of 3 builders ready\n/)
    expect(stdout).toMatch(/^anna +ready +[\d.]+ ms +[\d.]+ of \d+ +[\d.]+ [MG]iB +[\d.]+ [MG]iB +0 of \d+$/m)
    expect(stdout).toMatch(/^karl +paused +not looked at +- +- +- +0 of \d+$/m)
    expect(ms).toBeLessThan(4_000)
  })

  it('tells all there is of one', async () => {
    const { code, stdout } = await millwright(client, 'status anna')
    expect(code).toBe(0)
    for (const what of [
      'Address +nixremote@anna:22',
      'Nix +\\d+\\.\\d+',
      'Clock +right',
      'Handshake as root',
    ])
      expect(stdout).toMatch(new RegExp(`^${what}`, 'm'))
  })

  it('says what is wrong with one that is gone, in every form, and changes nothing', async () => {
    await fleet.host('otto').stopSshd()
    try {
      const before = await client.tree(data)
      const table = await millwright(client, 'status')
      expect(table.code).toBe(1)
      expect(table.stdout).toMatch(/^otto +unreachable +no +- +- +- /m)
      expect(table.stdout).toMatch(/^otto .*\.$/m)

      const json = await millwright(client, 'status --json')
      expect(json.code).toBe(1)
      const [anna, karl, otto] = documentOf(json.stdout).builders.sort((a, b) => a.id.localeCompare(b.id))
      expect(anna?.health).toMatchObject({ state: 'ready', failure: null, slotsInUse: 0, builds: [] })
      expect(karl?.health).toMatchObject({ state: 'paused', failure: null, latencyMs: null })
      expect(otto?.health).toMatchObject({ state: 'unreachable', failure: { code: 'CONNECTION_REFUSED' } })

      const metrics = await millwright(client, 'status --prometheus')
      expect(metrics.code).toBe(0)
      for (const line of [
        'millwright_builder_up{builder="anna"} 1',
        'millwright_builder_up{builder="otto"} 0',
        'millwright_builder_state{builder="otto",state="unreachable"} 1',
        'millwright_builder_state{builder="karl",state="paused"} 1',
      ])
        expect(metrics.stdout.split('\n')).toContain(line)
      expect(metrics.stdout).toMatch(/^millwright_builder_memory_bytes\{builder="anna"\} \d{8,}$/m)

      expect((await millwright(client, 'status anna')).code).toBe(0)
      expect(await client.tree(data)).toEqual(before)
    } finally {
      await fleet.host('otto').startSshd()
    }
  })

  it('--watch --json sees a builder die and come back, and a real build begin and end', async () => {
    const anna = fleet.host('anna')
    const { lines, says, interrupt } = watch()
    await says('how all are', (line) => line.builders !== undefined)
    expect(lines[0]?.builders?.map(({ id, health }) => [id, health.state])).toEqual(
      expect.arrayContaining([
        ['anna', 'ready'],
        ['otto', 'ready'],
        ['karl', 'paused'],
      ]),
    )
    await anna.stopSshd()
    await says('anna is lost', (line) => line.builder === 'anna' && line.health?.state === 'unreachable')
    const lostAt = lines.length
    await anna.startSshd()
    await says(
      'anna is back',
      (line) => lines.indexOf(line) >= lostAt && line.builder === 'anna' && line.health?.state === 'ready',
    )

    for (const id of ['anna', 'otto'] as const) await fleet.host(id).sh('mkfifo -m 666 /tmp/go')
    await client.writeFile(
      '/tmp/long.nix',
      derivation({ name: 'long', script: `read -r line </tmp/go; ${writeBuildersName}` }),
    )
    const building = client.exec(['nix-build', '--no-out-link', '-j0', '/tmp/long.nix'], { user: 'dev' })
    const isBuilding = ({ health }: Line) => health?.state === 'building' && health.slotsInUse === 1
    await says('one builds', isBuilding)
    const where = lines.find(isBuilding)?.builder === 'otto' ? 'otto' : 'anna'
    expect((await millwright(client, `status ${where}`)).stdout).toMatch(/^Jobs +1 of/m)
    const builtAt = lines.length
    await fleet.host(where).sh('echo >/tmp/go')
    expect((await building).code).toBe(0)
    await says(
      'it builds no more',
      (line) => lines.indexOf(line) >= builtAt && line.builder === where && line.health?.state === 'ready',
    )
    expect(await interrupt()).toBe(130)
    for (const { at } of lines.slice(1)) expect(at).toMatch(/^\d{4}-.+Z$/)
  })

  it('--watch draws a table on a terminal, until Ctrl-C', async () => {
    const program = `stty cols 60 rows 12; exec ${nodeOnHost} ${projectOnHost}/out/main/cli.js status --watch`
    const [command = '', ...args] = client.enter(['script', '-qec', program, '/dev/null'], {
      env: { TERM: 'xterm' },
    })
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    let said = ''
    child.stdout.on('data', (data: Buffer) => {
      said += data
    })
    await until('the table is drawn', async () => /anna +ready/.test(said))
    const drawn = said.length
    await until('it is drawn again', async () => /\[\d*[JK]/.test(said.slice(drawn)))
    child.stdin.write('\x03')
    expect((await exited)[0]).toBe(130)
    const lines = stripVTControlCharacters(said).split(/\r?\n|\r/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(60)
  })

  it('disturbs no app that runs beside it', async () => {
    const app = await startWatchingApp(client)
    try {
      const { says, interrupt } = watch()
      await says('how all are', (line) => line.builders !== undefined)
      for (const line of ['status', 'status --prometheus', 'status --json'])
        expect((await millwright(client, line)).code).toBe(0)
      expect(app.states('anna')).not.toContain('suspended')
      await fleet.host('anna').stopSshd()
      await says(
        'anna is suspended by the app',
        (line) => line.builder === 'anna' && line.health?.state === 'suspended',
      )
      await fleet.host('anna').startSshd()
      await until('the app lets anna back', async () => !app.shown('anna')?.suspendedSince, 40_000)
      expect(await interrupt()).toBe(130)
    } finally {
      await fleet.host('anna').startSshd()
      await app.close()
    }
  })
})
