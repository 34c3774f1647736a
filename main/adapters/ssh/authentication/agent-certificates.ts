import { connect } from 'node:net'
import { wireFields } from '../../../../core/ssh/public-key'

const timeoutMs = 2000
const mostBytes = 256 * 1024

/** Messages and flags of ssh-agent(1) (draft-miller-ssh-agent). */
const agentMessage = { list: 11, listed: 12, sign: 13, signed: 14 } as const
const rsaSha512 = 4

/** Blobs of all that an agent holds, also of kinds that ssh2 passes over; none when there is none that answers. */
export async function listAgentBlobs(socket: string): Promise<readonly Buffer[]> {
  const answer = await ask(socket, Buffer.from([agentMessage.list]))
  if (answer?.[0] !== agentMessage.listed) return []
  const fields = wireFields(answer.subarray(5)) ?? []
  return fields.filter((_, at) => at % 2 === 0).map((blob) => Buffer.from(blob))
}

/** The bare signature of what the agent holds under a blob, with SHA-512 for RSA; undefined when it will not sign. */
export async function signByAgent(socket: string, blob: Buffer, data: Buffer): Promise<Buffer | undefined> {
  const flags = Buffer.alloc(4)
  flags.writeUInt32BE(rsaSha512)
  const answer = await ask(
    socket,
    Buffer.concat([Buffer.from([agentMessage.sign]), string(blob), string(data), flags]),
    // The agent may ask the person first.
    60_000,
  )
  if (answer?.[0] !== agentMessage.signed) return undefined
  const [, signature] = wireFields(wireFields(answer.subarray(1))?.[0] ?? new Uint8Array()) ?? []
  return signature && Buffer.from(signature)
}

function ask(socket: string, request: Buffer, waitMs = timeoutMs): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const connection = connect(socket)
    const finish = (answer?: Buffer) => {
      clearTimeout(timer)
      connection.destroy()
      resolve(answer)
    }
    const timer = setTimeout(finish, waitMs)
    // No agent, or one that hangs up: as good as one that holds nothing.
    connection.on('error', () => finish()).on('close', () => finish())
    connection.on('data', (data) => {
      received = Buffer.concat([received, data])
      const length = received.length < 4 ? 0 : received.readUInt32BE(0)
      if (length > mostBytes) return finish()
      if (length > 0 && received.length >= 4 + length) finish(received.subarray(4, 4 + length))
    })
    connection.write(string(request))
  })
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
