import ssh2 from 'ssh2'
import type { KeyPair } from '../../ports/keychain'

type Generate = () => Promise<{ readonly private: string; readonly public: string }>

/** One in 256 is broken, for a public half that begins with a zero byte: so many in a row never come by chance. */
const mostTries = 10

/**
 * A fresh ed25519 pair: the private half in OpenSSH's own format, without a passphrase. What the library made is read
 * again before it is handed on, and made anew when its halves do not fit.
 */
export async function makeKeyPair(generate: Generate = generateKeyPair): Promise<KeyPair> {
  for (let tries = 0; tries < mostTries; tries++) {
    const { private: privateKey, public: publicLine } = await generate()
    const publicKey = publicLine.trim().split(' ').slice(0, 2).join(' ')
    if (publicHalf(privateKey) === publicKey) return { privateKey, publicKey }
  }
  throw new Error('no key pair that can be read')
}

/** Whether a private key of ours can be used: an earlier version kept what the library made unread. */
export function readsAsPrivateKey(privateKey: string): boolean {
  return publicHalf(privateKey) !== undefined
}

function publicHalf(privateKey: string): string | undefined {
  const key = ssh2.utils.parseKey(privateKey)
  if (key instanceof Error || !key.isPrivateKey()) return undefined
  const signature = key.sign('both halves fit')
  if (signature instanceof Error || key.verify('both halves fit', signature) !== true) return undefined
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}

function generateKeyPair(): ReturnType<Generate> {
  return new Promise((resolve, reject) => {
    ssh2.utils.generateKeyPair('ed25519', (error, pair) => (error ? reject(error) : resolve(pair)))
  })
}
