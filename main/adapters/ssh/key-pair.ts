import ssh2 from 'ssh2'
import type { KeyPair } from '../../ports/keychain'

/** A fresh ed25519 pair: the private half in OpenSSH's own format, without a passphrase. */
export function makeKeyPair(): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    ssh2.utils.generateKeyPair('ed25519', (error, pair) => {
      if (error) return reject(error)
      const [type, key] = pair.public.trim().split(' ')
      resolve({ privateKey: pair.private, publicKey: `${type} ${key}` })
    })
  })
}
