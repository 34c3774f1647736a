import type { PublicKey } from '../../contract/grammar'
import { encodeBase64 } from '../../core/text/base64'
import type { KeyPair } from '../../main/ports/keychain'

/** The wire blob of an ed25519 key (RFC 8709) whose 32 bytes are told apart by a number. */
function blob(number: number): string {
  const type = new TextEncoder().encode('ssh-ed25519')
  const key = new Uint8Array(32).fill(number % 256)
  key.set([number >> 24, number >> 16, number >> 8, number], 0)
  return encodeBase64(Uint8Array.from([0, 0, 0, type.length, ...type, 0, 0, 0, key.length, ...key]))
}

/** A whole host key, the same for the same number. */
export function hostKey(number: number): PublicKey {
  return { type: 'ssh-ed25519', key: blob(number) }
}

/** Makes key pairs of which the private half is a word that stands for itself: whoever has it has the key. */
export function createKeyMaker() {
  let made = 0
  return (): KeyPair => {
    const publicKey = `ssh-ed25519 ${blob(1000 + ++made)}`
    return { publicKey, privateKey: `PRIVATE ${publicKey}` }
  }
}

/** Whether a private key is whole. */
export const readsAsPrivateKey = (privateKey: string) => privateKey.startsWith('PRIVATE ssh-ed25519 ')

/** The public half of a private key that `createKeyMaker` made. */
export function publicHalf(privateKey: string): string {
  return privateKey.replace(/^PRIVATE /, '')
}
