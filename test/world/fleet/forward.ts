import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'

/** A port of this machine's loopback that leads into a fleet. */
export interface Forward {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Stops listening and cuts the connections that came through here. */
  close(): Promise<void>
}

/** Starts the relay inside the network of process `pid` and a listener for it outside. */
export async function openForward(
  room: string,
  pid: number,
  target: { address: string; port: number },
): Promise<{ forward: Forward; keeper: ChildProcess }> {
  const socket = join(room, `forward-${target.address}-${target.port}-${counter++}`)
  const relay = [
    process.execPath,
    join(import.meta.dirname, 'relay.mjs'),
    socket,
    target.address,
    String(target.port),
  ]
  const keeper = spawn('nsenter', ['-t', String(pid), '-n', ...relay], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(keeper.stdout, 'data')
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ path: socket, allowHalfOpen: true })
    const end = () => {
      near.destroy()
      far.destroy()
    }
    pipeline(near, far, (error) => error && end())
    pipeline(far, near, (error) => error && end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref() // A forgotten forward keeps no test run alive.
  const close = async () => {
    server.close()
    keeper.stdin.destroy()
    if (keeper.exitCode === null) await once(keeper, 'exit')
  }
  return { keeper, forward: { host: '127.0.0.1', port: (server.address() as AddressInfo).port, close } }
}

let counter = 0
