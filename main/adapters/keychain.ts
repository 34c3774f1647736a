import { fail } from '../failures'
import type { KeychainPort } from '../ports/keychain'
import { createSecretFile } from './secret-file'

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
  const inTurn = createTurns(timeoutMs)
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
      else if (where === 'file') await file.write({ ...(await file.read()), [name]: secret })
      else fail('KEYCHAIN_UNAVAILABLE')
    },
    delete: async (name) => {
      if (await hasOs()) await os((keytar) => keytar.deletePassword(service, name))
      if (!(await file.exists())) return
      const { [name]: _, ...rest } = await file.read()
      await file.write(rest)
    },
  }
}

/**
 * One call at a time. keytar's calls block a thread of Node's pool, without end while a keyring shows its dialog,
 * and four of them would stop files and name look-ups too. So after a time-out nothing more is called until that
 * one call has come back: KEYCHAIN_UNAVAILABLE.
 */
function createTurns(timeoutMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let isStuck = false
  return (work) => {
    const turn = last.then(async () => {
      if (isStuck)
        return fail('KEYCHAIN_UNAVAILABLE', {}, 'An earlier question to the keychain is still open.')
      const answer = work().finally(() => {
        isStuck = false
      })
      return await Promise.race([answer, expire(answer)])
    })
    last = turn.catch(() => {})
    return turn
  }

  async function expire(answer: Promise<unknown>): Promise<never> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, 'late')
    })
    const outcome = await Promise.race([
      late,
      answer.then(
        () => undefined,
        (error: unknown) => ({ error }),
      ),
    ])
    clearTimeout(timer)
    if (outcome === 'late') {
      isStuck = true
      return fail('KEYCHAIN_UNAVAILABLE', {}, `The keychain did not answer within ${timeoutMs / 1000} s.`)
    }
    const error = outcome?.error
    return fail('KEYCHAIN_UNAVAILABLE', {}, error instanceof Error ? error.message : String(error))
  }
}
