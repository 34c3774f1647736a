import { createServer, type Server as NetServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { aKeyPair } from '../../../fixtures/key-pair'

export interface FakeServer extends AsyncDisposable {
  readonly port: number
  /** Each authentication request as it came: `METHOD` or `METHOD SECRET`. */
  readonly attempts: string[]
  /** Connections that are open now. */
  readonly open: () => number
}

export interface FakeServerOptions {
  /** PEM of the host keys. */
  readonly hostKeys?: readonly string[]
  readonly accepts?: (context: AuthContext) => boolean
  /** Instead of `accepts` and `methods`. */
  readonly authenticate?: (context: AuthContext) => void
  readonly methods?: readonly AuthContext['method'][]
  readonly onConnection?: (connection: Connection) => void
  /** What a command does that wants a prompt; others end at once. */
  readonly onExec?: (command: string, stream: ServerChannel) => void
  /** What every command does. */
  readonly onCommand?: (command: string, stream: ServerChannel) => void
  /** What every command gets to read, as from a forced command. */
  readonly words?: string
}

export const hostKey = aKeyPair()

/** The `TYPE BASE64` of a generated pair. */
export function publicText({ public: text }: { readonly public: string }): string {
  return text.trim().split(' ').slice(0, 2).join(' ')
}

/** An SSH server in this process, which notes what is offered to it. */
export async function startSshServer(options: FakeServerOptions): Promise<FakeServer> {
  const attempts: string[] = []
  const connections = new Set<Connection>()
  const ssh = new ssh2.Server({ hostKeys: [...(options.hostKeys ?? [hostKey.private])] }, (connection) => {
    connections.add(connection)
    options.onConnection?.(connection)
    connection.on('error', () => {})
    connection.on('close', () => connections.delete(connection))
    connection.on('authentication', (context) => {
      const secret = context.method === 'password' ? ` ${context.password}` : ''
      attempts.push(`${context.method}${secret}`)
      if (options.authenticate) options.authenticate(context)
      else if (context.method !== 'none' && options.accepts?.(context)) context.accept()
      else context.reject([...(options.methods ?? ['publickey', 'password'])])
    })
    connection.on('ready', () => {
      connection.on('session', (accept) => {
        const session = accept()
        session.on('pty', (acceptTerminal) => acceptTerminal?.())
        session.on('exec', (acceptExec, _reject, { command }) => {
          const stream = acceptExec()
          if (options.onExec && command.includes(' -p ')) return options.onExec(command, stream)
          stream.resume()
          if (options.onCommand) return options.onCommand(command, stream)
          stream.on('error', () => {}).write(options.words ?? `${command}\n`)
          stream.exit(0)
          stream.end()
        })
      })
    })
  })
  // As sshd does; without it a login takes 150 ms instead of 6.
  const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket))
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())))
  })
  return {
    port,
    attempts,
    open: () => connections.size,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end()
        server.close(() => resolve())
      }),
  }
}

function portOf(address: ReturnType<NetServer['address']>): number {
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  return address.port
}

export interface RawServer extends AsyncDisposable {
  readonly port: number
  readonly open: () => number
}

/** A TCP server that is anything but SSH. */
export async function startRawServer(onSocket: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server: NetServer = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    onSocket(socket)
    socket.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server.address()),
    open: () => sockets.size,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
