import type { ServerChannel } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { createCollect } from '../../../../main/adapters/ssh/collect'
import { toFailure } from '../../../../main/failures'
import type { Garbage } from '../../../../main/ports/collect'
import { aKeyPair } from '../../../fixtures/key-pair'
import { type FakeServerOptions, hostKey, publicText, startSshServer } from './ssh-server'

const key = aKeyPair()
const hostKeys = [{ type: 'ssh-ed25519' as const, key: publicText(hostKey).split(' ')[1] ?? '' }]
const collect = createCollect({ loginTimeoutMs: 500, silenceMs: 300 })
const never = new AbortController().signal
const done = 'millwright-collect 1 paths=12 bytes=3400 done\n'

const builderAt = (port: number) => ({ id: 'anna', host: '127.0.0.1', port, user: 'nixremote', hostKeys })

function answering(words: string, options: FakeServerOptions = {}) {
  return startSshServer({ words, accepts: ({ method }) => method === 'publickey', ...options })
}

/** A server whose script goes on talking as the test wants. */
function talking(onCommand: (command: string, stream: ServerChannel) => void) {
  return answering('', { onCommand })
}

describe('freeing space on a builder', () => {
  it('returns the figures of the last line, and asks by what the key allows', async () => {
    const asked: string[] = []
    await using server = await talking((command, stream) => {
      asked.push(command)
      stream.end(done)
    })
    const garbage = { paths: 12, bytes: 3400 }
    expect(await collect.count(builderAt(server.port), key.private, never)).toEqual(garbage)
    expect(await collect.collect(builderAt(server.port), key.private, () => {}, never)).toEqual(garbage)
    expect(asked).toEqual(['millwright-collect count', 'millwright-collect free'])
  })

  it('tells how far it is, also when lines come in pieces', async () => {
    await using server = await talking((_, stream) => {
      stream.write('millwright-collect 1 paths=1 by')
      setImmediate(() => stream.end(`tes=100\nmillwright-collect 1 paths=2 bytes=200\n${done}`))
    })
    const told: Garbage[] = []
    await collect.collect(builderAt(server.port), key.private, (soFar) => told.push(soFar), never)
    expect(told).toEqual([
      { paths: 1, bytes: 100 },
      { paths: 2, bytes: 200 },
    ])
  })

  it('holds no connection when it is over', async () => {
    await using server = await answering(done)
    await collect.count(builderAt(server.port), key.private, never)
    await expect.poll(server.open).toBe(0)
  })

  it.each([
    ['nothing', ''],
    ['escapes', `\u001b[31m${done}`],
    ['a line without an end', 'x'.repeat(1000)],
    ['a flood of progress', 'millwright-collect 1 paths=1 bytes=1\n'.repeat(60_000)],
    ['progress without an end', 'millwright-collect 1 paths=1 bytes=1\n'],
  ])('takes %s for no answer', async (_, words) => {
    await using server = await answering(words)
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'COLLECT_FAILED', facts: { builder: 'anna' } })
  })

  it('says when the script over there is of another version', async () => {
    await using server = await answering(done.replace('collect 1', 'collect 2'))
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'REMOTE_SCRIPTS_OUTDATED', facts: { builder: 'anna' } })
  })

  it('passes on what Nix said, cleaned', async () => {
    await using server = await talking((_, stream) => {
      stream.stderr.write('\u001b[31merror:\u001b[0m cannot open the store\n')
      stream.exit(1)
      stream.end()
    })
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'COLLECT_FAILED', detail: 'error: cannot open the store\n' })
  })

  it('gives up on a builder that has gone silent, not on one that takes its time', async () => {
    await using server = await talking((_, stream) => {
      let lines = 0
      const timer = setInterval(() => {
        stream.write('millwright-collect 1 paths=0 bytes=0\n')
        if (++lines === 6) clearInterval(timer)
      }, 100)
    })
    const start = performance.now()
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'TIMED_OUT' })
    expect(performance.now() - start).toBeGreaterThan(800)
  })

  it('says when the connection is cut', async () => {
    await using server = await answering('', {
      onConnection: (connection) => void setTimeout(() => connection.end(), 100),
      onCommand: () => {},
    })
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('says when the connection is cut right after the login', async () => {
    await using server = await answering('', {
      onConnection: (connection) => connection.on('ready', () => connection.end()),
    })
    const failure = await collect.count(builderAt(server.port), key.private, never).then(String, toFailure)
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('ends at once when it is no longer wanted', async () => {
    const cancel = new AbortController()
    await using server = await talking(() => cancel.abort())
    const failure = await collect
      .count(builderAt(server.port), key.private, cancel.signal)
      .then(String, toFailure)
    expect(failure).toMatchObject({ code: 'CANCELLED' })
  })
})
