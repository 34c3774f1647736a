import { fail } from '../../failures'
import type { KeychainPort } from '../../ports/keychain'
import { withFileLock } from './file-lock'
import { createSecretFile } from './secret-file'
import { createSerialQueue } from './serial-queue'

export interface KeychainOptions {
  /** Under which name the secrets stand in the person's keychain. */
  readonly service: string
  /** The file for where there is no keychain; made by consent alone. */
  readonly filePath: string
  readonly timeoutMs?: number
}

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>

const defaultTimeoutMs = 8000
const probeName = 'probe'

/** The OS keychain by keytar, and by consent a file that only its owner can read. */
export function createKeychain({
  service,
  filePath,
  timeoutMs = defaultTimeoutMs,
}: KeychainOptions): KeychainPort {
  const inTurn = createSerialQueue(timeoutMs)
  const file = createSecretFile(filePath)
  const os = <T>(use: (keytar: Keytar) => Promise<T>) =>
    inTurn(async () => {
      const loaded = await import('keytar')
      return await use('default' in loaded ? (loaded.default as Keytar) : loaded)
    })
  let isProven = false
  /** Only a write tells: a locked keyring, or one without a collection, still answers every read with nothing. */
  const hasOs = async () => {
    if (isProven) return true
    try {
      await os(async (keytar) => {
        await keytar.setPassword(service, probeName, 'probe')
        await keytar.deletePassword(service, probeName)
      })
      isProven = true
    } catch {
      // That there is none is an answer, and the person is asked about a file then.
      return false
    }
    return true
  }
  const kind = async () => {
    if (await hasOs()) return 'os'
    return (await file.exists()) ? 'file' : 'none'
  }
  return {
    filePath,
    kind,
    consentToFile: () => file.create(),
    get: async (name) => {
      if (await hasOs()) {
        const secret = await os((keytar) => keytar.getPassword(service, name))
        if (secret !== null) return secret
      }
      return (await file.exists()) ? (await file.read())[name] : undefined
    },
    set: async (name, secret) => {
      const where = await kind()
      if (where === 'os') await os((keytar) => keytar.setPassword(service, name, secret))
      else if (where === 'file') await file.update((known) => ({ ...known, [name]: secret }))
      else fail('KEYCHAIN_UNAVAILABLE')
    },
    delete: async (name) => {
      if (await hasOs()) await os((keytar) => keytar.deletePassword(service, name))
      if (!(await file.exists())) return
      await file.update(({ [name]: _, ...rest }) => rest)
    },
    // Not the lock of the file itself, which is taken for each change of it.
    alone: (work) => withFileLock(`${filePath}.keys`, work),
  }
}
