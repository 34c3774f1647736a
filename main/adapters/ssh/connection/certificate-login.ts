import type { Client } from 'ssh2'
import { wireFields } from '../../../../core/ssh/public-key'

/** What ssh2 1.17 has inside of a client; a test logs in to OpenSSH by it. */
interface Protocol {
  authPK(user: string, key: PublicKey, algorithm: string | undefined, sign?: Sign): void
  readonly _kex: { readonly sessionID: Buffer }
  readonly _authsQueue: string[]
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      alloc(bytes: number): Buffer
      finalize(packet: Buffer): Buffer
    }
  }
}
interface PublicKey {
  readonly type: string
  getPublicSSH(): Buffer
}
type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

const userauthRequest = 50

/**
 * Lets a client log in by certificate: ssh2 writes the name of the certificate's algorithm into the signature too, where
 * OpenSSH wants that of the key (PROTOCOL.certkeys). To be called once the client has been told to connect.
 */
export function allowCertificates(client: Client, user: string): void {
  const protocol = protocolOf(client)
  const usual = protocol.authPK.bind(protocol)
  protocol.authPK = (name, key, algorithm, sign) => {
    const [, keyAlgorithm] = /^(.+)-cert-v01@openssh\.com$/.exec(key.type) ?? []
    if (!sign || keyAlgorithm === undefined) return usual(name, key, algorithm, sign)
    const request = Buffer.concat([
      Buffer.from([userauthRequest]),
      ...[user, 'ssh-connection', 'publickey'].map(string),
      Buffer.from([1]),
      string(key.type),
      string(key.getPublicSSH()),
    ])
    sign(Buffer.concat([string(protocol._kex.sessionID), request]), (signature) => {
      const signed = Buffer.concat([string(keyAlgorithm), string(toSshForm(keyAlgorithm, signature))])
      send(protocol, Buffer.concat([request, string(signed)]))
    })
  }
}

function protocolOf(client: Client): Protocol {
  // Not among the types of the library: the one place that reaches into it.
  return Reflect.get(client, '_protocol') as Protocol
}

function send({ _authsQueue, _cipher, _packetRW }: Protocol, payload: Buffer): void {
  const packet = _packetRW.write.alloc(payload.length)
  packet.set(payload, _packetRW.write.allocStart)
  _authsQueue.push('publickey')
  _cipher.encrypt(_packetRW.write.finalize(packet))
}

/** OpenSSL makes ECDSA's two numbers into DER (RFC 3279); SSH has them as two strings (RFC 5656). Agents do it right. */
function toSshForm(algorithm: string, signature: Buffer): Buffer {
  if (!algorithm.startsWith('ecdsa-') || wireFields(signature)?.length === 2) return signature
  let at = signature[1] === 0x81 ? 3 : 2
  const integer = () => {
    const length = signature.readUInt8(at + 1)
    at += 2 + length
    return signature.subarray(at - length, at)
  }
  return Buffer.concat([string(integer()), string(integer())])
}

function string(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
