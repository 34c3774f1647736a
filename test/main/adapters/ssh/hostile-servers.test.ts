import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../../../main/adapters/system/run-program'
import { bundle } from '../../../world/kit/bundle'
import { startRawServer, startSshServer } from './ssh-server'

let home: string
let script: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'hostile-'))
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  script = join(home, 'script.cjs')
  writeFileSync(script, await bundle('test/main/adapters/ssh/log-in-once.ts'))
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Report {
  readonly code: string
  readonly detail: string
  readonly tookMs: number
  readonly peakBytes: number
}

/** A process of its own, so that its memory is that of the client alone. */
async function logInOnce(port: number, timeoutMs = 10_000): Promise<Report> {
  const argv = [process.execPath, script, home, String(port), String(timeoutMs)]
  const { stdout } = await runProgram(argv, { timeoutMs: 25_000 })
  return JSON.parse(stdout) as Report
}

const mebibyte = 2 ** 20
const version = 'SSH-2.0-hostile\r\n'

/** Sends the same again for as long as anybody listens. */
function pour(socket: Socket, chunk: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}

function packet(type: number, bytes: number): Buffer {
  const padding = 16 - ((bytes + 6) % 8)
  const whole = Buffer.alloc(4 + 1 + 1 + bytes + padding)
  whole.writeUInt32BE(whole.length - 4, 0)
  whole[4] = padding
  whole[5] = type
  return whole
}

const floods: readonly (readonly [string, (socket: Socket) => void])[] = [
  [
    'one endless packet',
    (socket) => {
      socket.write(`${version}\xff\xff\xff\xff`, 'latin1')
      pour(socket, Buffer.alloc(65_536, 1))
    },
  ],
  ['one endless line', (socket) => pour(socket, Buffer.alloc(65_536, 'x'))],
  ['lines without end before its version', (socket) => pour(socket, Buffer.from('no\r\n'.repeat(16_000)))],
  [
    'random bytes',
    (socket) => pour(socket, Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 197 + 89) % 256))),
  ],
  [
    'a packet that has no place there',
    (socket) => {
      socket.write(version)
      socket.write(packet(94, 1024))
    },
  ],
  [
    'a list of algorithms without end',
    (socket) => {
      socket.write(version)
      pour(socket, packet(20, 250_000))
    },
  ],
]

describe('a stranger’s server', { timeout: 60_000 }, () => {
  it.each(floods)('that sends %s is left at once, and takes little memory', async (_, misbehave) => {
    await using server = await startRawServer(misbehave)
    const { code, tookMs, peakBytes } = await logInOnce(server.port)
    expect(['NOT_SSH', 'CONNECTION_LOST']).toContain(code)
    expect(tookMs).toBeLessThan(5_000)
    expect(peakBytes).toBeLessThan(160 * mebibyte)
  })

  it('that sends nothing but what is to be ignored gets 64 MiB', async () => {
    await using server = await startRawServer((socket) => {
      socket.write(version)
      pour(socket, packet(2, 30_000))
    })
    const { code, detail, peakBytes } = await logInOnce(server.port)
    expect({ code, detail }).toEqual({
      code: 'CONNECTION_LOST',
      detail: 'it sent more than 64 MiB before the login',
    })
    expect(peakBytes).toBeLessThan(200 * mebibyte)
  })

  it.each([
    ['before its version', 'x'],
    ['of lines before its version', 'x\r\n'],
  ])('that drips a byte at a time %s gets no more time by it', async (_, drip) => {
    const timers: NodeJS.Timeout[] = []
    await using server = await startRawServer((socket) => {
      timers.push(setInterval(() => socket.write(drip), 200))
    })
    const { code, tookMs } = await logInOnce(server.port, 1_000)
    for (const timer of timers) clearInterval(timer)
    expect(code).toBe('NOT_SSH')
    expect(tookMs).toBeLessThan(3_000)
  })

  it('that refuses and refuses does not get more time by it', async () => {
    await using server = await startSshServer({
      authenticate: (context) => {
        setTimeout(() => context.reject(['keyboard-interactive']), 600)
      },
    })
    const { code, tookMs } = await logInOnce(server.port, 1_000)
    expect(code).toBe('TIMED_OUT')
    expect(tookMs).toBeLessThan(3_000)
  })
})
