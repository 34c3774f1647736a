import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { ServerChannel } from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { quietBetween } from '../../../../main/adapters/ssh/connection/keep-alive'
import { createMonitor } from '../../../../main/adapters/ssh/monitor'
import { toFailure } from '../../../../main/failures'
import type { ProbeSession } from '../../../../main/ports/monitor'
import { aKeyPair, brokenPair } from '../../../fixtures/key-pair'
import { type FakeServerOptions, hostKey, publicText, startRawServer, startSshServer } from './ssh-server'

const key = aKeyPair()
const line =
  '2 boot=a-b up=90 load1=0.20 cpus=8 cpuPsi=1.20 memPsi= mem=4096 memFree=1024 store=900 storeFree=400' +
  ' buildFree=300 nix=2.8.0 builds=1 clock=1700000000 names=hello-2.12,foo\n'
const hello = 'millwright-probe 2\n'
const pinned = { type: 'ssh-ed25519', key: publicText(hostKey).split(' ')[1] ?? '' } as const
const held: ProbeSession[] = []

afterEach(() => {
  for (const one of held.splice(0)) one.close()
})

const monitor = createMonitor({
  connectTimeoutMs: 500,
  loginTimeoutMs: 500,
  probeTimeoutMs: 500,
  quietMs: () => 50,
  wordMs: 100,
})

async function connect(port: number, hostKeys = [pinned], privateKey = key.private) {
  const builder = { id: 'anna', host: '127.0.0.1', port, user: 'nixremote', hostKeys: [...hostKeys] }
  const one = await monitor.connect(builder, privateKey, new AbortController().signal)
  held.push(one)
  return one
}

/** A server whose forced command greets, and answers each line that it is sent with these words. */
function answering(words: string, options: FakeServerOptions & { readonly greeting?: string } = {}) {
  const { greeting = hello, ...rest } = options
  const onCommand = (_: string, stream: ServerChannel) => {
    stream.on('error', () => {}).write(greeting)
    createInterface({ input: stream }).on('line', () => stream.write(words))
  }
  return startSshServer({ onCommand, accepts: ({ method }) => method === 'publickey', ...rest })
}

/** A way to a port of this machine that stays open and passes nothing on, once told. */
async function startRelay(port: number) {
  const pairs: (readonly [Socket, Socket])[] = []
  const relay = await startRawServer((socket) => {
    const far = createConnection({ host: '127.0.0.1', port })
    far.on('error', () => {}).on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
    socket.pipe(far).pipe(socket)
    pairs.push([socket, far])
  })
  const fallSilent = () => {
    for (const [near, far] of pairs) {
      near.unpipe(far)
      far.unpipe(near)
    }
  }
  return Object.assign(relay, { fallSilent })
}

describe('watching a builder', () => {
  it('holds one connection, and over it one process, for many looks', async () => {
    let processes = 0
    await using server = await answering(line, {
      onConnection: (connection) => connection.on('session', () => processes++),
    })
    const one = await connect(server.port)
    await one.probe()
    await one.probe()
    expect({ open: server.open(), processes }).toEqual({ open: 1, processes: 1 })
    expect(server.attempts.filter((attempt) => attempt === 'none')).toEqual([])
  })

  it('returns what was said, when, and how far off its clock is', async () => {
    await using server = await answering(line)
    const { atMs, latencyMs, clockOffsetMs = 0, ...said } = await (await connect(server.port)).probe()
    expect(said).toEqual({
      bootId: 'a-b',
      uptimeSeconds: 90,
      load1: 0.2,
      cpus: 8,
      cpuPressure: 1.2,
      memoryBytes: 4096,
      memoryFreeBytes: 1024,
      storeBytes: 900,
      storeFreeBytes: 400,
      buildFreeBytes: 300,
      nixVersion: '2.8.0',
      builds: 1,
      buildNames: ['hello-2.12', 'foo'],
    })
    expect(Math.abs(atMs - Date.now())).toBeLessThan(2_000)
    expect(latencyMs).toBeLessThan(2_000)
    expect(Math.abs(1_700_000_000_500 - Date.now() - clockOffsetMs)).toBeLessThan(2_000)
  })

  it('measures the way by the first letter, not by the start or the work over there', async () => {
    const onCommand = (_: string, stream: ServerChannel) => {
      setTimeout(() => stream.write(hello), 150)
      createInterface({ input: stream }).on('line', () => {
        stream.write('2')
        setTimeout(() => stream.write(line.slice(1)), 150)
      })
    }
    await using server = await answering(line, { onCommand })
    const { latencyMs } = await (await connect(server.port)).probe()
    expect(latencyMs).toBeLessThan(120)
  })

  it('says when the scripts over there are of an earlier version', async () => {
    await using server = await answering('', { greeting: 'millwright-probe 1 boot=a load1=0.2 cpus=8\n' })
    const failure = await (await connect(server.port)).probe().catch(toFailure)
    expect(failure).toMatchObject({ code: 'REMOTE_SCRIPTS_OUTDATED' })
  })

  it('logs in at no more than so many places at once, and lets those go by that gave up', async () => {
    let most = 0
    await using server = await startRawServer(() => {
      most = Math.max(most, server.open())
    })
    const few = createMonitor({ connectTimeoutMs: 200, loginTimeoutMs: 200, mostLogins: 2 })
    const builder = {
      id: 'anna',
      host: '127.0.0.1',
      port: server.port,
      user: 'nixremote',
      hostKeys: [pinned],
    }
    const given = new AbortController()
    const all = Array.from({ length: 5 }, (_, at) =>
      few
        .connect(builder, key.private, at === 3 ? given.signal : new AbortController().signal)
        .catch(toFailure),
    )
    given.abort()
    const codes = (await Promise.all(all)).map((failure) => ('code' in failure ? failure.code : 'in'))
    expect(codes).toEqual(['TIMED_OUT', 'TIMED_OUT', 'TIMED_OUT', 'CANCELLED', 'TIMED_OUT'])
    expect(most).toBe(2)
  })

  it('notices a dropped connection at once', async () => {
    let drop = () => {}
    await using server = await answering(line, {
      onConnection: (connection) => {
        drop = () => connection.end()
      },
    })
    const one = await connect(server.port)
    const start = performance.now()
    drop()
    expect(await one.ended).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(performance.now() - start).toBeLessThan(500)
    expect(await one.probe().catch(toFailure)).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('says that the connection is lost when it is cut while a sample is due', async () => {
    let drop = () => {}
    await using server = await answering(line, {
      onConnection: (connection) => {
        drop = () => connection.end()
      },
      onCommand: (_, stream) => {
        stream.on('error', () => {}).write(hello)
        createInterface({ input: stream }).on('line', () => drop())
      },
    })
    const one = await connect(server.port)
    expect(await one.probe().catch(toFailure)).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await one.ended).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('says that the connection is lost when it is cut right after the login', async () => {
    await using server = await answering(line, {
      onConnection: (connection) => connection.on('ready', () => connection.end()),
    })
    const one = await connect(server.port)
    expect(await one.probe().catch(toFailure)).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('logs in to no host with another key than the pinned ones', async () => {
    await using server = await answering(line)
    const other = publicText(aKeyPair()).split(' ')[1] ?? ''
    const failure = await connect(server.port, [{ ...pinned, key: other }]).catch(toFailure)
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(server.attempts).toEqual([])
  })

  it('says when its key is refused', async () => {
    await using server = await answering(line, { accepts: () => false })
    expect(await connect(server.port).catch(toFailure)).toMatchObject({ code: 'LOGIN_REFUSED' })
  })

  it.each([
    ['garbage', 'Welcome to anna!\n'],
    ['nothing', ''],
    ['a line that lacks the load', line.replace('load1=0.20 ', '')],
    ['escapes', line.replace('a-b', '\u001b[31m')],
    ['a flood', 'x'.repeat(1_000_000)],
  ])('takes %s for no sample, and lets go', async (_, words) => {
    await using server = await answering(words)
    const one = await connect(server.port)
    const failure = await one.probe().then(() => expect.fail('taken for a sample'), toFailure)
    expect(failure).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(failure.detail?.length ?? 0).toBeLessThanOrEqual(1100)
    await one.ended
  })

  it('looks no more at one that says what it was not asked', async () => {
    await using server = await answering(`${line}${line}`)
    const one = await connect(server.port)
    await one.probe()
    expect(await one.probe().catch(toFailure)).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    await one.ended
  })

  it('gives up on a server that takes the connection and says nothing', async () => {
    await using server = await startRawServer(() => {})
    expect(await connect(server.port).catch(toFailure)).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('knows what is no SSH server', async () => {
    await using server = await startRawServer((socket) =>
      socket.write('HTTP/1.1 400 Bad Request\r\n'.repeat(4000)),
    )
    expect(await connect(server.port).catch(toFailure)).toMatchObject({ code: 'NOT_SSH' })
  })

  it('notices a host that falls silent while the connection stands', async () => {
    await using server = await answering(line)
    await using relay = await startRelay(server.port)
    const one = await connect(relay.port)
    await one.probe()
    relay.fallSilent()
    const start = performance.now()
    expect(await one.ended).toMatchObject({ code: 'TIMED_OUT' })
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

it.each([
  [5_000, 5_500],
  [10_000, 11_000],
  [100, 5_500],
])('a host that is probed every %i ms is asked for a word after %i ms of quiet', (intervalMs, quietMs) => {
  expect(quietBetween(intervalMs)).toBeCloseTo(quietMs)
})

it('a key that is damaged is as good as none', async () => {
  await using server = await answering(line)
  const failure = await connect(server.port, [pinned], brokenPair.private).catch(toFailure)
  expect(failure).toMatchObject({ code: 'NOT_WATCHED', facts: { builder: 'anna' } })
  expect(server.attempts).toEqual([])
})
