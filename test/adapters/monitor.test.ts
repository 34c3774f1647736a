import { createConnection, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { createMonitor } from '../../main/adapters/monitor'
import { toFailure } from '../../main/failures'
import type { Monitored } from '../../main/ports/monitor'
import { type FakeServerOptions, hostKey, publicText, startRawServer, startSshServer } from './ssh-server'

const key = ssh2.utils.generateKeyPairSync('ed25519')
const sample =
  'millwright-probe 1 boot=a-b load1=0.20 cpus=8 memory=1 memoryFree=1 store= storeFree= builds=2\n'
const pinned = { type: 'ssh-ed25519', key: publicText(hostKey).split(' ')[1] ?? '' } as const
const held: Monitored[] = []

afterEach(() => {
  for (const one of held.splice(0)) one.close()
})

const monitor = createMonitor({
  connectTimeoutMs: 500,
  loginTimeoutMs: 500,
  probeTimeoutMs: 500,
  keepAliveMs: 50,
})

async function connect(port: number, hostKeys = [pinned]) {
  const builder = { id: 'anna', host: '127.0.0.1', port, user: 'nixremote', hostKeys: [...hostKeys] }
  const one = await monitor.connect(builder, key.private, new AbortController().signal)
  held.push(one)
  return one
}

/** A server whose forced command answers whatever was asked with these words. */
function answering(words: string, options: FakeServerOptions = {}) {
  return startSshServer({ words, accepts: ({ method }) => method === 'publickey', ...options })
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
  it('holds one connection for many looks', async () => {
    await using server = await answering(sample)
    const one = await connect(server.port)
    await one.probe()
    await one.probe()
    expect(server.open()).toBe(1)
    expect(server.attempts.filter((attempt) => attempt === 'none')).toEqual([])
  })

  it('notices a dropped connection at once', async () => {
    let drop = () => {}
    await using server = await answering(sample, {
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

  it('logs in to no host with another key than the pinned ones', async () => {
    await using server = await answering(sample)
    const other = publicText(ssh2.utils.generateKeyPairSync('ed25519')).split(' ')[1] ?? ''
    const failure = await connect(server.port, [{ ...pinned, key: other }]).catch(toFailure)
    expect(failure).toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(server.attempts).toEqual([])
  })

  it('says when its key is refused', async () => {
    await using server = await answering(sample, { accepts: () => false })
    expect(await connect(server.port).catch(toFailure)).toMatchObject({ code: 'LOGIN_REFUSED' })
  })

  it.each([
    ['garbage', 'Welcome to anna!\n'],
    ['nothing', ''],
    ['two lines', `${sample}${sample}`],
    ['escapes', 'millwright-probe 1 boot=\u001b[31m\n'],
    ['a flood', 'x'.repeat(1_000_000)],
  ])('takes %s for no sample, and lets go', async (_, words) => {
    await using server = await answering(words)
    const one = await connect(server.port)
    const failure = await one.probe().then(() => expect.fail('taken for a sample'), toFailure)
    expect(failure).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(failure.detail?.length ?? 0).toBeLessThanOrEqual(1100)
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
    await using server = await answering(sample)
    await using relay = await startRelay(server.port)
    const one = await connect(relay.port)
    await one.probe()
    relay.fallSilent()
    const start = performance.now()
    expect(await one.ended).toMatchObject({ code: 'TIMED_OUT' })
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
