import type { Job } from '../jobs'
import type { Ports } from '../ports/ports'

const privateName = 'monitor-key'
const publicName = 'monitor-key.pub'

/**
 * The app's own key for watching builders, made once and kept in the OS keychain. Without one the person is
 * asked whether a file readable by them alone will do; declined, the builder works but is not watched.
 * Answers the public half.
 */
export async function monitorKey(
  { keychain, makeKeyPair }: Pick<Ports, 'keychain' | 'makeKeyPair'>,
  job: Job,
): Promise<string | undefined> {
  if ((await keychain.kind()) === 'none') {
    const answer = await job.ask({ kind: 'key-file-consent', path: keychain.filePath })
    if (answer.kind !== 'yes') return undefined
    await keychain.consentToFile()
  }
  const known = await keychain.get(publicName)
  if (known && (await keychain.get(privateName))) return known
  const { privateKey, publicKey } = await makeKeyPair()
  await keychain.set(privateName, privateKey)
  await keychain.set(publicName, publicKey)
  return publicKey
}

/** Forgets the key; for when the last builder has gone. */
export async function forgetMonitorKey({ keychain }: Pick<Ports, 'keychain'>): Promise<void> {
  if ((await keychain.kind()) === 'none') return
  await keychain.delete(privateName)
  await keychain.delete(publicName)
}
