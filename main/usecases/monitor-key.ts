import type { Job } from '../jobs'
import type { Ports } from '../ports/ports'

const privateName = 'monitor-key'
const publicName = 'monitor-key.pub'

/** The key for watching; `keep` stores a new one, once the plan that uses it is approved. */
export interface MonitorKey {
  readonly publicKey: string
  readonly isNew: boolean
  keep(): Promise<void>
}

/**
 * The app's own key for watching builders, made once and kept in the OS keychain. Without one the person is
 * asked whether a file readable by them alone will do; declined, the builder works but is not watched.
 */
export async function monitorKey(
  { keychain, makeKeyPair }: Pick<Ports, 'keychain' | 'makeKeyPair'>,
  job: Job,
): Promise<MonitorKey | undefined> {
  const needsConsent = (await keychain.kind()) === 'none'
  if (needsConsent) {
    const answer = await job.ask({ kind: 'key-file-consent', path: keychain.filePath })
    if (answer.kind !== 'yes') return undefined
  } else {
    const known = await keychain.get(publicName)
    if (known && (await keychain.get(privateName)))
      return { publicKey: known, isNew: false, keep: async () => undefined }
  }
  const { privateKey, publicKey } = await makeKeyPair()
  return {
    publicKey,
    isNew: true,
    keep: async () => {
      if (needsConsent) await keychain.consentToFile()
      await keychain.set(privateName, privateKey)
      await keychain.set(publicName, publicKey)
    },
  }
}

/** The private half, to watch with; undefined where the person declined one, or no builder was added from here. */
export async function watchingKey({ keychain }: Pick<Ports, 'keychain'>): Promise<string | undefined> {
  return await keychain.get(privateName)
}

/** Forgets the key; for when the last builder has gone. */
export async function forgetMonitorKey({ keychain }: Pick<Ports, 'keychain'>): Promise<void> {
  if ((await keychain.kind()) === 'none') return
  await keychain.delete(privateName)
  await keychain.delete(publicName)
}
