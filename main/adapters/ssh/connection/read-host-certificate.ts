import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** ssh2 knows no certificates of hosts, so this asks for one by itself, as `ssh-keyscan -c` does. */
const hostKeyAlgorithms = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
]
const keyExchanges = ['curve25519-sha256', 'curve25519-sha256@libssh.org']
const ciphers = ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr']
const macs = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
]
/** More than version, lists and certificate take; sshd's own limit for a packet is twice that. */
const mostBytes = 128 * 1024

/** Message numbers of RFC 4253 and RFC 5656. */
const message = { keyExchangeInit: 20, ecdhInit: 30, ecdhReply: 31 } as const

/**
 * The certificate (Base64) that a host shows in a key exchange (RFC 4253, RFC 8731) that is then broken off; undefined
 * for a host that has none, or says something else. Nothing it says is proven by that. Destroys the stream.
 */
export function readHostCertificate(
  stream: Duplex,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    let isGreeted = false
    const finish = (certificate?: string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      stream.off('data', onData).destroy()
      resolve(certificate)
    }
    const onAbort = () => finish()
    const timer = setTimeout(finish, timeoutMs)
    const onData = (data: Buffer) => {
      received = Buffer.concat([received, data])
      if (received.length > mostBytes) return finish()
      if (!isGreeted) {
        const [line = ''] = /^(?:[^\n]*\n)*?SSH-2\.0-[^\n]*\n/.exec(received.toString('latin1')) ?? []
        if (line === '') return
        isGreeted = true
        received = received.subarray(line.length)
      }
      for (let payload = takePacket(); payload; payload = takePacket()) {
        if (payload[0] === message.keyExchangeInit) stream.write(packet(ecdhInit()))
        else if (payload[0] === message.ecdhReply) return finish(firstString(payload.subarray(1)))
        // Whatever else may come before (RFC 4253 §11) is passed over; a host that will have none of this ends it.
      }
    }
    const takePacket = (): Buffer | undefined => {
      if (received.length < 5) return undefined
      const length = received.readUInt32BE(0)
      if (received.length < 4 + length) return undefined
      const payload = received.subarray(5, Math.max(5, 4 + length - received.readUInt8(4)))
      received = received.subarray(4 + length)
      return payload
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // Ended by the host or by us: there is no certificate then, and nobody to tell.
    stream.on('error', () => finish()).once('close', () => finish())
    stream.on('data', onData)
    if (signal.aborted) return finish()
    stream.write('SSH-2.0-Millwright\r\n')
    stream.write(packet(keyExchangeInit()))
  })
}

function keyExchangeInit(): Buffer {
  const lists = [keyExchanges, hostKeyAlgorithms, ciphers, ciphers, macs, macs, ['none'], ['none'], [], []]
  const head = Buffer.concat([Buffer.from([message.keyExchangeInit]), randomBytes(16)])
  return Buffer.concat([head, ...lists.map((names) => string(Buffer.from(names.join()))), Buffer.alloc(5)])
}

/** Any 32 bytes are a public key of Curve25519 (RFC 7748): what comes of the exchange is of no interest. */
function ecdhInit(): Buffer {
  return Buffer.concat([Buffer.from([message.ecdhInit]), string(randomBytes(32))])
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** RFC 4253 §6, not yet encrypted. */
function packet(payload: Buffer): Buffer {
  const padding = 16 - ((payload.length + 5) % 8)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + payload.length + padding)
  head.writeUInt8(padding, 4)
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}

function firstString(bytes: Buffer): string | undefined {
  if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE(0)) return undefined
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('base64')
}
